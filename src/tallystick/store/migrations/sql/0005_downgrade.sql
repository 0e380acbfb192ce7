-- Back to the publishers' own levels.

DROP FUNCTION find_registrations(uuid, text, text[], text, text);
CREATE FUNCTION find_registrations(
    p_tenant_id uuid, p_strategy text, p_environments text[], p_tax_identifier text, p_legal_identifier text
) RETURNS TABLE (id uuid, seller_id uuid, unit text, endpoint text, settings text, state text,
                 environment text, taxpayer text, tax_identifier text)
LANGUAGE plpgsql
    SET plan_cache_mode = force_generic_plan SET enable_seqscan = off AS $$
BEGIN
    PERFORM set_config('app.tenant', p_tenant_id::text, true);
    RETURN QUERY
        SELECT r.id, r.seller_id, r.unit, r.endpoint, r.settings::text, r.state, r.environment, s.name,
            coalesce(r.tax_identifier, s.tax_identifier, '')
        FROM registration r JOIN seller s ON s.id = r.seller_id
        WHERE r.tenant_id = p_tenant_id AND s.tenant_id = p_tenant_id
            AND r.strategy = p_strategy AND r.environment = ANY (p_environments) AND r.state <> 'retired'
            AND (coalesce(r.tax_identifier, s.tax_identifier) = p_tax_identifier
                 OR ((p_tax_identifier IS NULL OR coalesce(r.tax_identifier, s.tax_identifier) IS NULL)
                     AND s.legal_registration_identifier = p_legal_identifier))
        ORDER BY r.id;
END $$;
REVOKE ALL ON FUNCTION find_registrations FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_registrations TO tallystick_app;

ALTER TABLE registration DROP COLUMN raised_rules;
