CREATE TABLE "secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "grants" ADD COLUMN "expire_time" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "grants_by_expire_time" ON "grants" USING btree ("expire_time") WHERE "grants"."expire_time" is not null;