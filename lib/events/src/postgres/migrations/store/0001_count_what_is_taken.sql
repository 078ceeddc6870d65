DROP FUNCTION "publish_events"(jsonb);
--> statement-breakpoint
-- Takes each event once and numbers those it takes densely. Every statement inside sees what was committed while it waited
-- for the partition's row; partitions are locked in one order, so publishers never deadlock.
CREATE FUNCTION "publish_events"("batch" jsonb)
RETURNS TABLE ("ended_topic" text, "ended_partition" integer, "end_offset" double precision,
	"taken" integer)
LANGUAGE plpgsql AS $$
DECLARE
	target record;
	first_offset bigint;
	added integer;
BEGIN
	FOR target IN
		SELECT DISTINCT r.topic, r.partition FROM jsonb_to_recordset(batch) AS r(topic text, partition integer)
		ORDER BY r.topic, r.partition
	LOOP
		SELECT p.next_offset INTO STRICT first_offset FROM partitions p
		WHERE p.topic = target.topic AND p.number = target.partition FOR UPDATE;
		INSERT INTO events (topic, partition, log_offset, event_id, type, source, time, traceparent, key, body)
		SELECT target.topic, target.partition, first_offset + row_number() OVER (ORDER BY r.position) - 1,
			r.id, r.type, r.source, r.time, r.traceparent, r.key, decode(r.body, 'base64')
		FROM jsonb_to_recordset(batch) AS r(position integer, topic text, partition integer, id text, type text,
			source text, time timestamptz, traceparent text, key text, body text)
		WHERE r.topic = target.topic AND r.partition = target.partition
			AND NOT EXISTS (SELECT FROM events e WHERE e.event_id = r.id);
		GET DIAGNOSTICS added = ROW_COUNT;
		UPDATE partitions p SET next_offset = first_offset + added
		WHERE p.topic = target.topic AND p.number = target.partition;
		RETURN QUERY SELECT target.topic, target.partition, (first_offset + added)::double precision, added;
	END LOOP;
END $$;
