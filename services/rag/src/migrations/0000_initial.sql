CREATE TABLE "answers" (
	"id" text PRIMARY KEY NOT NULL,
	"conversation_id" text NOT NULL,
	"owner_id" text NOT NULL,
	"question" text NOT NULL,
	"parts" jsonb NOT NULL,
	"finish_reason" integer NOT NULL,
	"create_time" timestamp with time zone NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "citations" (
	"answer_id" text NOT NULL,
	"number" integer NOT NULL,
	"file_id" text NOT NULL,
	"passage_id" text NOT NULL,
	"char_start" integer NOT NULL,
	"char_end" integer NOT NULL,
	"quote_hash" text NOT NULL,
	CONSTRAINT "citations_answer_id_number_pk" PRIMARY KEY("answer_id","number")
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"title" text NOT NULL,
	"create_time" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "entries" (
	"file_id" text PRIMARY KEY NOT NULL,
	"owner_id" text NOT NULL,
	"revision" bigint NOT NULL,
	"state" text NOT NULL,
	"trashed" boolean DEFAULT false NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"file_version" bigint DEFAULT 0 NOT NULL,
	"document_version" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "grants" (
	"file_id" text NOT NULL,
	"principal" text NOT NULL,
	"active" boolean NOT NULL,
	"version" bigint NOT NULL,
	CONSTRAINT "grants_file_id_principal_pk" PRIMARY KEY("file_id","principal")
);
--> statement-breakpoint
CREATE TABLE "segments" (
	"file_id" text PRIMARY KEY NOT NULL,
	"revision" bigint NOT NULL,
	"size_bytes" integer NOT NULL,
	"blob" "bytea" NOT NULL,
	"passage_ids" text[] NOT NULL
);
--> statement-breakpoint
CREATE TABLE "vectors" (
	"file_id" text NOT NULL,
	"model" text NOT NULL,
	"revision" bigint NOT NULL,
	"size_bytes" integer NOT NULL,
	"blob" "bytea" NOT NULL,
	CONSTRAINT "vectors_file_id_model_pk" PRIMARY KEY("file_id","model")
);
--> statement-breakpoint
ALTER TABLE "answers" ADD CONSTRAINT "answers_conversation_id_conversations_id_fk" FOREIGN KEY ("conversation_id") REFERENCES "public"."conversations"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "citations" ADD CONSTRAINT "citations_answer_id_answers_id_fk" FOREIGN KEY ("answer_id") REFERENCES "public"."answers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "segments" ADD CONSTRAINT "segments_file_id_entries_file_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."entries"("file_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "vectors" ADD CONSTRAINT "vectors_file_id_entries_file_id_fk" FOREIGN KEY ("file_id") REFERENCES "public"."entries"("file_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "answers_conversation" ON "answers" USING btree ("conversation_id","create_time");--> statement-breakpoint
CREATE INDEX "citations_file" ON "citations" USING btree ("file_id");--> statement-breakpoint
CREATE INDEX "entries_owner" ON "entries" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "grants_principal" ON "grants" USING btree ("principal","file_id");--> statement-breakpoint
ALTER TABLE "segments" ALTER COLUMN "blob" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "vectors" ALTER COLUMN "blob" SET STORAGE EXTERNAL;
