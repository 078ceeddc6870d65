CREATE TABLE "contents" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"sha256" text NOT NULL,
	"parser_version" integer NOT NULL,
	"text" "bytea" NOT NULL,
	"page_count" integer NOT NULL,
	"passage_count" integer NOT NULL,
	"failed_pages" integer NOT NULL,
	"create_time" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "documents" (
	"file_id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"file_name" text DEFAULT '' NOT NULL,
	"media_type" text NOT NULL,
	"size_bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"state" text NOT NULL,
	"stage" text NOT NULL,
	"searchable" boolean NOT NULL,
	"progress" double precision NOT NULL,
	"page_count" integer NOT NULL,
	"passage_count" integer NOT NULL,
	"failure_reason" text,
	"content_id" text,
	"revision" bigint DEFAULT 0 NOT NULL,
	"trashed" boolean DEFAULT false NOT NULL,
	"create_time" timestamp with time zone NOT NULL,
	"update_time" timestamp with time zone NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "pages" (
	"content_id" text NOT NULL,
	"number" integer NOT NULL,
	"char_start" integer NOT NULL,
	"char_end" integer NOT NULL,
	"words" "bytea" NOT NULL,
	CONSTRAINT "pages_content_id_number_pk" PRIMARY KEY("content_id","number")
);
--> statement-breakpoint
CREATE TABLE "passages" (
	"content_id" text NOT NULL,
	"ordinal" integer NOT NULL,
	"char_start" integer NOT NULL,
	"char_end" integer NOT NULL,
	"page" integer NOT NULL,
	"heading_path" text[] NOT NULL,
	"boxes" "bytea" NOT NULL,
	"text" text NOT NULL,
	CONSTRAINT "passages_content_id_ordinal_pk" PRIMARY KEY("content_id","ordinal")
);
--> statement-breakpoint
ALTER TABLE "documents" ADD CONSTRAINT "documents_content_id_contents_id_fk" FOREIGN KEY ("content_id") REFERENCES "public"."contents"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pages" ADD CONSTRAINT "pages_content_id_contents_id_fk" FOREIGN KEY ("content_id") REFERENCES "public"."contents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "passages" ADD CONSTRAINT "passages_content_id_contents_id_fk" FOREIGN KEY ("content_id") REFERENCES "public"."contents"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "contents_by_bytes" ON "contents" USING btree ("owner_id","sha256","parser_version");--> statement-breakpoint
CREATE INDEX "documents_by_owner" ON "documents" USING btree ("owner_id","create_time","file_id");