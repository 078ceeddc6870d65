DROP TRIGGER "audit_events_only_grow" ON "audit_events";
--> statement-breakpoint
CREATE TRIGGER "audit_events_only_grow" BEFORE UPDATE OR TRUNCATE ON "audit_events"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change"();
--> statement-breakpoint
CREATE FUNCTION "refuse_early_end"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('lyceum.audit_retention', true) IS DISTINCT FROM 'on' OR OLD."time" > now() - interval '30 days' THEN
    RAISE EXCEPTION 'The audit log only grows.' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN OLD;
END;
$$;
--> statement-breakpoint
CREATE TRIGGER "audit_events_are_kept" BEFORE DELETE ON "audit_events"
  FOR EACH ROW EXECUTE FUNCTION "refuse_early_end"();
