CREATE TABLE "replays" (
	"generation" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "replays_generation_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"state" text DEFAULT 'WAITING' NOT NULL,
	"passed" integer DEFAULT 0 NOT NULL,
	"total" integer DEFAULT 0 NOT NULL,
	"jobs" integer DEFAULT 0 NOT NULL,
	"error" text,
	"request_time" timestamp with time zone DEFAULT now() NOT NULL,
	"end_time" timestamp with time zone
);
