CREATE TABLE "embedding_models" (
	"model" text PRIMARY KEY NOT NULL,
	"serving" boolean NOT NULL,
	"cursor" text DEFAULT '' NOT NULL
);
