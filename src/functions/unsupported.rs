//! Functions of Kusto that kqlite knows by name and does not run, with the reason that the
//! diagnostic gives.

/// Why the function or plugin called `name` does not run, if Kusto has it.
pub fn reason(name: &str) -> Option<&'static str> {
    const CLOUD: &str = "exists only in a cloud service";
    const RUNTIME: &str = "needs another language's runtime";
    const LATER: &str = "is not supported yet";
    REASONS.iter().find(|(known, _)| *known == name).map(|(_, reason)| match reason {
        Reason::Cloud => CLOUD,
        Reason::Runtime => RUNTIME,
        Reason::Later => LATER,
    })
}

#[derive(Clone, Copy)]
enum Reason {
    Cloud,
    Runtime,
    Later,
}

static REASONS: &[(&str, Reason)] = &[
    ("ai_chat_completion", Reason::Cloud),
    ("ai_chat_completion_prompt", Reason::Cloud),
    ("ai_embed_text", Reason::Cloud),
    ("ai_embeddings", Reason::Cloud),
    ("azure_digital_twins_query_request", Reason::Cloud),
    ("cosmosdb_sql_request", Reason::Cloud),
    ("current_cluster_endpoint", Reason::Cloud),
    ("current_principal", Reason::Cloud),
    ("current_principal_details", Reason::Cloud),
    ("current_principal_is_member_of", Reason::Cloud),
    ("cursor_after", Reason::Cloud),
    ("cursor_before_or_at", Reason::Cloud),
    ("cursor_current", Reason::Cloud),
    ("extent_id", Reason::Cloud),
    ("extent_tags", Reason::Cloud),
    ("external_table", Reason::Cloud),
    ("http_request", Reason::Cloud),
    ("http_request_post", Reason::Cloud),
    ("materialized_view", Reason::Cloud),
    ("mysql_request", Reason::Cloud),
    ("postgresql_request", Reason::Cloud),
    ("python", Reason::Runtime),
    ("r", Reason::Runtime),
    ("sql_request", Reason::Cloud),
    ("stored_query_result", Reason::Cloud),
    ("workspace", Reason::Cloud),
    ("adx", Reason::Cloud),
    ("app", Reason::Cloud),
    ("arg", Reason::Cloud),
    ("resource", Reason::Cloud),
    ("_GetWatchlist", Reason::Later),
];
