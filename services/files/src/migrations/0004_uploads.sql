CREATE TABLE "uploads" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"name" text NOT NULL,
	"folder_id" text NOT NULL,
	"metadata" json,
	"size_bytes" bigint NOT NULL,
	"offset_bytes" bigint DEFAULT 0 NOT NULL,
	"mark" text,
	"expire_time" timestamp with time zone NOT NULL,
	"finished" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE INDEX "uploads_by_expire_time" ON "uploads" USING btree ("expire_time");