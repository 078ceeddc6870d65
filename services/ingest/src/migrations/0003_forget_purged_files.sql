CREATE TABLE "purged_files" (
	"file_id" text PRIMARY KEY NOT NULL,
	"purge_time" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "documents" ADD COLUMN "file_version" bigint DEFAULT 1 NOT NULL;