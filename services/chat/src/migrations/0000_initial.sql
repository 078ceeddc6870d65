CREATE TABLE "changes" (
	"room_id" text NOT NULL,
	"change" bigint NOT NULL,
	"xid" bigint DEFAULT pg_current_xact_id()::text::bigint NOT NULL,
	"time" timestamp with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"message_id" text DEFAULT '' NOT NULL,
	"user_id" text DEFAULT '' NOT NULL,
	"role" smallint DEFAULT 0 NOT NULL,
	"emoji" text DEFAULT '' NOT NULL,
	"removed" boolean DEFAULT false NOT NULL,
	CONSTRAINT "changes_room_id_change_pk" PRIMARY KEY("room_id","change")
);
--> statement-breakpoint
CREATE TABLE "feeds" (
	"only" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"id" text NOT NULL,
	"secret" text NOT NULL,
	"floor" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "members" (
	"room_id" text NOT NULL,
	"user_id" text NOT NULL,
	"role" smallint NOT NULL,
	"join_time" timestamp with time zone NOT NULL,
	"join_change" bigint NOT NULL,
	"read_seq" bigint DEFAULT 0 NOT NULL,
	"removed" boolean DEFAULT false NOT NULL,
	"change" bigint NOT NULL,
	"change_time" timestamp with time zone NOT NULL,
	"xid" bigint DEFAULT pg_current_xact_id()::text::bigint NOT NULL,
	"applied" boolean DEFAULT false NOT NULL,
	CONSTRAINT "members_room_id_user_id_pk" PRIMARY KEY("room_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" text PRIMARY KEY NOT NULL,
	"room_id" text NOT NULL,
	"seq" bigint NOT NULL,
	"change" bigint NOT NULL,
	"kind" smallint NOT NULL,
	"sender_id" text NOT NULL,
	"client_id" text,
	"text" text NOT NULL,
	"create_time" timestamp with time zone NOT NULL,
	"edit_time" timestamp with time zone,
	"delete_time" timestamp with time zone,
	"reply_to_id" text DEFAULT '' NOT NULL,
	"file_ids" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"membership" jsonb,
	"answer_id" text,
	"finish_reason" smallint DEFAULT 0 NOT NULL,
	"citations" jsonb DEFAULT '[]'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reactions" (
	"message_id" text NOT NULL,
	"emoji" text NOT NULL,
	"user_id" text NOT NULL,
	"change" bigint NOT NULL,
	CONSTRAINT "reactions_message_id_emoji_user_id_pk" PRIMARY KEY("message_id","emoji","user_id")
);
--> statement-breakpoint
CREATE TABLE "rooms" (
	"id" text PRIMARY KEY NOT NULL,
	"kind" smallint NOT NULL,
	"title" text NOT NULL,
	"pair" text,
	"last_seq" bigint NOT NULL,
	"last_change" bigint NOT NULL,
	"member_count" integer NOT NULL,
	"create_time" timestamp with time zone NOT NULL,
	"update_time" timestamp with time zone NOT NULL,
	"last_message_time" timestamp with time zone NOT NULL,
	"delete_time" timestamp with time zone
);
--> statement-breakpoint
CREATE INDEX "changes_by_xid" ON "changes" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "changes_by_time" ON "changes" USING brin ("time");--> statement-breakpoint
CREATE INDEX "members_of_user" ON "members" USING btree ("user_id","room_id");--> statement-breakpoint
CREATE INDEX "members_by_xid" ON "members" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "members_not_applied" ON "members" USING btree ("room_id") WHERE not "members"."applied";--> statement-breakpoint
CREATE UNIQUE INDEX "messages_seq" ON "messages" USING btree ("room_id","seq");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_client_id" ON "messages" USING btree ("room_id","sender_id","client_id") WHERE "messages"."client_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "messages_answer" ON "messages" USING btree ("room_id","answer_id") WHERE "messages"."answer_id" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "rooms_pair" ON "rooms" USING btree ("pair") WHERE "rooms"."pair" is not null and "rooms"."delete_time" is null;