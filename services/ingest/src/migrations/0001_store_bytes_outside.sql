-- Compressed already: trying again costs time, and slices of uncompressed storage can be read alone.
ALTER TABLE "contents" ALTER COLUMN "text" SET STORAGE EXTERNAL;--> statement-breakpoint
ALTER TABLE "pages" ALTER COLUMN "words" SET STORAGE EXTERNAL;
