CREATE TABLE "topics" (
	"name" text PRIMARY KEY,
	"partitions" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "partitions" (
	"topic" text NOT NULL,
	"number" integer NOT NULL,
	"next_offset" bigint DEFAULT 0 NOT NULL,
	PRIMARY KEY ("topic", "number")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"topic" text NOT NULL,
	"partition" integer NOT NULL,
	"log_offset" bigint NOT NULL,
	"event_id" text NOT NULL UNIQUE,
	"type" text NOT NULL,
	"source" text NOT NULL,
	"time" timestamp with time zone NOT NULL,
	"traceparent" text,
	"key" text NOT NULL,
	"body" bytea NOT NULL,
	"logged_at" timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
	PRIMARY KEY ("topic", "partition", "log_offset")
);
--> statement-breakpoint
CREATE INDEX "events_by_time" ON "events" ("topic", "partition", "logged_at");
--> statement-breakpoint
CREATE TABLE "schemas" (
	"id" integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	"subject" text NOT NULL,
	"schema" text NOT NULL,
	UNIQUE ("subject", "schema")
);
--> statement-breakpoint
-- Takes each event once and numbers those it takes densely. Every statement inside sees what was committed while it waited
-- for the partition's row; partitions are locked in one order, so publishers never deadlock.
CREATE FUNCTION "publish_events"("batch" jsonb)
RETURNS TABLE ("ended_topic" text, "ended_partition" integer, "end_offset" double precision)
LANGUAGE plpgsql AS $$
DECLARE
	target record;
	first_offset bigint;
	added integer;
BEGIN
	FOR target IN
		SELECT DISTINCT r.topic, r.partition FROM jsonb_to_recordset(batch) AS r(topic text, partition integer)
		ORDER BY r.topic, r.partition
	LOOP
		SELECT p.next_offset INTO STRICT first_offset FROM partitions p
		WHERE p.topic = target.topic AND p.number = target.partition FOR UPDATE;
		INSERT INTO events (topic, partition, log_offset, event_id, type, source, time, traceparent, key, body)
		SELECT target.topic, target.partition, first_offset + row_number() OVER (ORDER BY r.position) - 1,
			r.id, r.type, r.source, r.time, r.traceparent, r.key, decode(r.body, 'base64')
		FROM jsonb_to_recordset(batch) AS r(position integer, topic text, partition integer, id text, type text,
			source text, time timestamptz, traceparent text, key text, body text)
		WHERE r.topic = target.topic AND r.partition = target.partition
			AND NOT EXISTS (SELECT FROM events e WHERE e.event_id = r.id);
		GET DIAGNOSTICS added = ROW_COUNT;
		UPDATE partitions p SET next_offset = first_offset + added
		WHERE p.topic = target.topic AND p.number = target.partition;
		RETURN QUERY SELECT target.topic, target.partition, (first_offset + added)::double precision;
	END LOOP;
END $$;
