CREATE TABLE "files" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"name" text NOT NULL,
	"media_type" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"create_time" timestamp with time zone NOT NULL,
	"trash_time" timestamp with time zone,
	"version" bigint DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"id" text PRIMARY KEY NOT NULL,
	"file_id" text NOT NULL,
	"principal" text NOT NULL,
	"role" integer NOT NULL,
	"create_time" timestamp with time zone NOT NULL,
	CONSTRAINT "grants_principal" UNIQUE("file_id","principal")
);
--> statement-breakpoint
CREATE TABLE "pending_blobs" (
	"key" text PRIMARY KEY NOT NULL,
	"start_time" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "grants" ADD CONSTRAINT "grants_file_id_files_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."files"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "files_ready" ON "files" USING btree ("owner_id","create_time","id") WHERE "files"."trash_time" is null;--> statement-breakpoint
CREATE INDEX "files_trashed" ON "files" USING btree ("owner_id","create_time","id") WHERE "files"."trash_time" is not null;--> statement-breakpoint
CREATE INDEX "grants_of_principal" ON "grants" USING btree ("principal","file_id");