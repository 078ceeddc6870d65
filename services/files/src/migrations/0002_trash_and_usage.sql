CREATE TABLE "usage" (
	"user_id" text PRIMARY KEY NOT NULL,
	"bytes" bigint DEFAULT 0 NOT NULL,
	"files" bigint DEFAULT 0 NOT NULL,
	"reserved_bytes" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE INDEX "files_by_trash_time" ON "files" USING btree ("trash_time") WHERE "files"."trash_time" is not null;--> statement-breakpoint
INSERT INTO "usage" ("user_id", "bytes", "files") SELECT "owner_id", sum("size_bytes"), count(*) FROM "files" GROUP BY "owner_id";
