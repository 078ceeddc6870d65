CREATE TABLE "outbox" (
	"id" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	"event_id" text NOT NULL,
	"topic" text NOT NULL,
	"type" text NOT NULL,
	"source" text NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"traceparent" text,
	"key" text NOT NULL,
	"body" bytea NOT NULL
);
--> statement-breakpoint
CREATE TABLE "event_cursors" (
	"consumer_group" text NOT NULL,
	"topic" text NOT NULL,
	"partition" integer NOT NULL,
	"next_offset" bigint NOT NULL,
	PRIMARY KEY ("consumer_group", "topic", "partition")
);
--> statement-breakpoint
CREATE TABLE "event_inbox" (
	"consumer_group" text NOT NULL,
	"event_id" text NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL,
	PRIMARY KEY ("consumer_group", "event_id")
);
--> statement-breakpoint
CREATE INDEX "event_inbox_seen_at" ON "event_inbox" USING brin ("seen_at");
--> statement-breakpoint
CREATE TABLE "parked_events" (
	"consumer_group" text NOT NULL,
	"event_id" text NOT NULL,
	"topic" text NOT NULL,
	"partition" integer NOT NULL,
	"log_offset" bigint NOT NULL,
	"type" text NOT NULL,
	"source" text NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"traceparent" text,
	"key" text NOT NULL,
	"body" bytea NOT NULL,
	"error" text,
	"attempts" integer NOT NULL,
	"next_attempt_at" timestamp with time zone NOT NULL,
	"parked_at" timestamp with time zone DEFAULT now() NOT NULL,
	"dead" boolean DEFAULT false NOT NULL,
	PRIMARY KEY ("consumer_group", "topic", "key", "log_offset")
);
