CREATE TABLE "feedback" (
	"answer_id" text PRIMARY KEY NOT NULL,
	"rating" integer NOT NULL,
	"comment" text NOT NULL,
	"time" timestamp with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "answers_conversation";--> statement-breakpoint
ALTER TABLE "answers" ALTER COLUMN "conversation_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "passages" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "measures" jsonb;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "lease" text;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "lease_end" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "answers" ADD COLUMN "stopping" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "conversations" ADD COLUMN "update_time" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_answer_id_answers_id_fk" FOREIGN KEY ("answer_id") REFERENCES "public"."answers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "answers_owner" ON "answers" USING btree ("owner_id");--> statement-breakpoint
CREATE INDEX "answers_unfinished" ON "answers" USING btree ("lease_end") WHERE "answers"."finish_reason" = 0;--> statement-breakpoint
CREATE INDEX "conversations_owner" ON "conversations" USING btree ("owner_id","update_time","id");--> statement-breakpoint
CREATE INDEX "answers_conversation" ON "answers" USING btree ("conversation_id","create_time","id");