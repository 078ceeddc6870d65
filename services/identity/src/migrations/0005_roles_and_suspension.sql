ALTER TABLE "users" ADD COLUMN "name_key" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "suspend_time" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "users_by_email_beginning" ON "users" USING btree ("email_key" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "users_by_name_beginning" ON "users" USING btree ("name_key" text_pattern_ops);--> statement-breakpoint
CREATE INDEX "users_with_roles" ON "users" USING btree ("id") WHERE cardinality("users"."roles") > 0;--> statement-breakpoint
CREATE INDEX "suspended_users" ON "users" USING btree ("id") WHERE "users"."suspend_time" is not null;