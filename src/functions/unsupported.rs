//! Functions of Kusto that kqlite knows by name and does not run, with the reason that the
//! diagnostic gives.

/// Whether what keeps the function from running is that it exists only elsewhere.
pub fn only_elsewhere(name: &str) -> bool {
    let found = REASONS.iter().find(|(known, _)| *known == name);
    found.is_some_and(|(_, reason)| matches!(reason, Reason::Cloud | Reason::Runtime))
}

/// All names with their reasons.
pub fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
    REASONS.iter().filter_map(|(name, _)| Some((*name, reason(name)?)))
}

/// Why the function or plugin called `name` does not run, if Kusto has it.
pub fn reason(name: &str) -> Option<&'static str> {
    const CLOUD: &str = "exists only in a cloud service";
    const RUNTIME: &str = "needs another language's runtime";
    const INTERNAL: &str = "is internal to Kusto and not documented";
    const UNPUBLISHED: &str = "is not supported: how Kusto computes it is not published";
    const AGENTS: &str =
        "is not supported: it needs a collection of user agents, and Kusto's is not published";
    const RANK: &str = "is not supported: use `row_rank_dense` or `row_rank_min`";
    const ENTITIES: &str =
        "stands behind `let` and in `macro-expand` only, as `entity_group [Entity, …]`";
    const GUESSED: &str =
        "is not supported: how Kusto guesses the types of columns is not published";
    REASONS.iter().find(|(known, _)| *known == name).map(|(_, reason)| match reason {
        Reason::Cloud => CLOUD,
        Reason::Runtime => RUNTIME,
        Reason::Internal => INTERNAL,
        Reason::Unpublished => UNPUBLISHED,
        Reason::Agents => AGENTS,
        Reason::Rank => RANK,
        Reason::Entities => ENTITIES,
        Reason::Guessed => GUESSED,
    })
}

#[derive(Clone, Copy)]
enum Reason {
    Cloud,
    Runtime,
    Internal,
    Unpublished,
    Agents,
    Rank,
    Entities,
    Guessed,
}

static REASONS: &[(&str, Reason)] = &[
    ("__cast", Reason::Internal),
    ("__geo_length_to_s2cell_level", Reason::Internal),
    ("__geo_line_s2cell_covering_level", Reason::Internal),
    ("__geo_line_validate", Reason::Internal),
    ("__geo_polygon_s2cell_covering_level", Reason::Internal),
    ("__geo_polygon_validate", Reason::Internal),
    ("__hash_crc32", Reason::Internal),
    ("__hash_djb2", Reason::Internal),
    ("__hash_many_crc32", Reason::Internal),
    ("__hash_xxh64", Reason::Internal),
    ("__hll_normalize", Reason::Internal),
    ("__invoke", Reason::Internal),
    ("__ipv6_lookup_ranges", Reason::Internal),
    ("__lz4_compress_dynamic_array_to_base64_string", Reason::Internal),
    ("adx", Reason::Cloud),
    ("ai_chat_completion", Reason::Cloud),
    ("ai_chat_completion_prompt", Reason::Cloud),
    ("ai_embed_text", Reason::Cloud),
    ("ai_embeddings", Reason::Cloud),
    ("app", Reason::Cloud),
    ("arg", Reason::Cloud),
    ("azure_digital_twins_query_request", Reason::Cloud),
    ("cosmosdb_sql_request", Reason::Cloud),
    ("csharp", Reason::Runtime),
    ("current_cluster_endpoint", Reason::Cloud),
    ("current_cursor", Reason::Cloud),
    ("current_node_id", Reason::Cloud),
    ("current_principal", Reason::Cloud),
    ("current_principal_details", Reason::Cloud),
    ("current_principal_is_member_of", Reason::Cloud),
    ("cursor_after", Reason::Cloud),
    ("cursor_before_or_at", Reason::Cloud),
    ("cursor_current", Reason::Cloud),
    ("dax_request", Reason::Cloud),
    ("diffpatterns_text", Reason::Unpublished),
    ("entity_group", Reason::Entities),
    ("execute_query", Reason::Cloud),
    ("execute_show_command", Reason::Cloud),
    ("extent_id", Reason::Cloud),
    ("extent_tags", Reason::Cloud),
    ("extentid", Reason::Cloud),
    ("external_datatable", Reason::Internal),
    ("external_table", Reason::Cloud),
    ("graph", Reason::Cloud),
    ("hash_combine", Reason::Unpublished),
    ("hash_many", Reason::Unpublished),
    ("hll_isvalid", Reason::Internal),
    ("http_request", Reason::Cloud),
    ("http_request_post", Reason::Cloud),
    ("identity_v3", Reason::Internal),
    ("infer_storage_schema", Reason::Guessed),
    ("infer_storage_schema_with_suggestions", Reason::Guessed),
    ("materialized_view", Reason::Cloud),
    ("mysql_request", Reason::Cloud),
    ("parse_user_agent", Reason::Agents),
    ("passthrough", Reason::Internal),
    ("postgresql_request", Reason::Cloud),
    ("python", Reason::Runtime),
    ("r", Reason::Runtime),
    ("resource", Reason::Cloud),
    ("row_id", Reason::Cloud),
    ("row_rank", Reason::Rank),
    ("rowstore_ordinal_range", Reason::Cloud),
    ("series_periods_detect", Reason::Unpublished),
    ("series_periods_validate", Reason::Unpublished),
    ("sql_request", Reason::Cloud),
    ("stored_query_result", Reason::Cloud),
    ("tdigest_isvalid", Reason::Internal),
    ("workspace", Reason::Cloud),
];
