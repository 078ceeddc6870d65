CREATE TABLE "linked_providers" (
	"user_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"issuer" text NOT NULL,
	"subject" text NOT NULL,
	"link_time" timestamp with time zone NOT NULL,
	CONSTRAINT "linked_providers_user_id_provider_id_pk" PRIMARY KEY("user_id","provider_id")
);
--> statement-breakpoint
CREATE TABLE "provider_flows" (
	"hash" text PRIMARY KEY NOT NULL,
	"provider_id" text NOT NULL,
	"return_to" text NOT NULL,
	"user_id" text,
	"expire_time" timestamp with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "linked_providers" ADD CONSTRAINT "linked_providers_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider_flows" ADD CONSTRAINT "provider_flows_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "linked_provider_subjects" ON "linked_providers" USING btree ("issuer","subject");--> statement-breakpoint
CREATE INDEX "provider_flows_by_user" ON "provider_flows" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "provider_flows_by_end" ON "provider_flows" USING btree ("expire_time");