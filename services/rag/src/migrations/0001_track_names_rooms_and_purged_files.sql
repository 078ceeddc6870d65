CREATE TABLE "deleted_rooms" (
	"room_id" text PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "room_members" (
	"room_id" text NOT NULL,
	"user_id" text NOT NULL,
	"active" boolean NOT NULL,
	"version" bigint NOT NULL,
	CONSTRAINT "room_members_room_id_user_id_pk" PRIMARY KEY("room_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "segments" ADD COLUMN "build" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "segments" ADD COLUMN "name_hash" text DEFAULT '' NOT NULL;--> statement-breakpoint
CREATE INDEX "room_members_user" ON "room_members" USING btree ("user_id","room_id");