//! Codes of the tables: those of PostgREST 13 and the SQLSTATEs of PostgreSQL 15 that reach clients through it.

use super::{Known, stays, transient};
use crate::supabase::Class;

const TRY_AGAIN: &str = "The server has trouble of its own. Try again in a moment.";
const TOKEN: &str = "The server does not accept the key or the sign-in. Copy the key again from the project's settings or sign in again, and check that this computer's clock is right.";
const QUERY: &str = "The question to the tables is not one that this project's API understands. Look at the exchange.";
const STARTING: &str =
    "The API cannot reach its database. The project may be starting or paused; try again in a minute.";

pub(super) const TABLES: &[Known] = {
    use Class::*;
    &[
        transient("PGRST000", Busy, STARTING),
        transient("PGRST001", Busy, STARTING),
        transient("PGRST002", Busy, STARTING),
        transient(
            "PGRST003",
            Busy,
            "The API has no connection to its database free. Wait a moment, then try again.",
        ),
        stays("PGRST100", Invalid, QUERY),
        stays("PGRST101", Invalid, QUERY),
        stays(
            "PGRST102",
            Invalid,
            "The row is not in the form that the API takes. Look at the exchange.",
        ),
        stays(
            "PGRST103",
            Invalid,
            "There are no rows that far down. Go back to the first page.",
        ),
        stays("PGRST105", Invalid, QUERY),
        stays(
            "PGRST106",
            NotFound,
            "The API does not expose this schema. An admin can do so in the project's API settings.",
        ),
        stays("PGRST107", Invalid, QUERY),
        stays("PGRST108", Invalid, QUERY),
        stays(
            "PGRST111",
            Unexpected,
            "A function of the project's database answers in a form that the API cannot send. Tell an admin.",
        ),
        stays(
            "PGRST112",
            Unexpected,
            "A function of the project's database answers in a form that the API cannot send. Tell an admin.",
        ),
        stays("PGRST114", Invalid, QUERY),
        stays("PGRST115", Invalid, QUERY),
        stays(
            "PGRST116",
            NotFound,
            "Exactly one row was expected. It may have been deleted; refresh the list.",
        ),
        stays("PGRST117", Invalid, QUERY),
        stays("PGRST118", Invalid, QUERY),
        stays("PGRST120", Invalid, QUERY),
        stays(
            "PGRST121",
            Unexpected,
            "A function of the project's database answers in a form that the API cannot send. Tell an admin.",
        ),
        stays(
            "PGRST122",
            Unsupported,
            "The project's API is older than this program expects. An admin should update it.",
        ),
        stays(
            "PGRST123",
            Unsupported,
            "The API does not offer sums and counts over rows. An admin can turn them on.",
        ),
        stays(
            "PGRST124",
            Invalid,
            "The change would touch more rows than it may; nothing was changed. Refresh, then try again.",
        ),
        stays(
            "PGRST125",
            NotFound,
            "There is no such path in the project's API. Check the project's address.",
        ),
        stays(
            "PGRST126",
            Forbidden,
            "The project's API does not describe itself. Name the tables in the settings.",
        ),
        stays(
            "PGRST127",
            Unsupported,
            "The project's API does not offer this. An admin should update it.",
        ),
        stays(
            "PGRST128",
            Invalid,
            "The change would touch more rows than it may; nothing was changed. Refresh, then try again.",
        ),
        stays(
            "PGRST200",
            NotFound,
            "The tables are not connected by a foreign key. Check their layout.",
        ),
        stays(
            "PGRST201",
            Invalid,
            "The tables are connected in more than one way. An admin should leave one foreign key.",
        ),
        stays("PGRST202", NotFound, "The project's database has no such function."),
        stays(
            "PGRST203",
            Invalid,
            "The project's database has several functions of that name. Tell an admin.",
        ),
        stays(
            "PGRST204",
            NotFound,
            "The table has no such column. Its layout differs from the one expected; check the settings.",
        ),
        stays(
            "PGRST205",
            NotFound,
            "The project has no such table. Create it with the SQL script, or choose another table in the settings.",
        ),
        stays(
            "PGRST300",
            Unexpected,
            "The project's API has no secret to check tokens with. Tell an admin.",
        ),
        stays("PGRST301", BadKey, TOKEN),
        stays(
            "PGRST302",
            BadKey,
            "The project's API takes no requests without a key. Sign in, or check the key.",
        ),
        stays("PGRST303", BadKey, TOKEN),
        stays("PGRSTX00", Busy, TRY_AGAIN),
        stays(
            "42501",
            Forbidden,
            "Your role may not do this with the table. An admin can grant it, or add a policy.",
        ),
        stays("23505", Exists, "A row with the same value is there already."),
        stays(
            "23503",
            Invalid,
            "It refers to a row that does not exist, or another row still refers to it.",
        ),
        stays("23502", Invalid, "A value that the table requires is missing."),
        stays("23514", Invalid, "A value is outside what the table allows."),
        stays("22P02", Invalid, "A value has the wrong form for its column."),
        stays("22001", Invalid, "A text is too long for its column."),
        stays("22003", Invalid, "A number is too large for its column."),
        stays(
            "42P01",
            NotFound,
            "The project has no such table. Create it with the SQL script, or choose another table in the settings.",
        ),
        stays(
            "42703",
            NotFound,
            "The table has no such column. Its layout differs from the one expected; check the settings.",
        ),
        stays("42883", NotFound, "The project's database has no such function."),
        stays(
            "P0001",
            Invalid,
            "A rule of the project's database refuses the change; its own words say why.",
        ),
        transient("40001", Busy, "Two changes met in the project's database. Try again."),
        transient("40P01", Busy, "Two changes met in the project's database. Try again."),
        transient(
            "55P03",
            Busy,
            "Somebody else is changing the same row. Wait a moment, then try again.",
        ),
        transient(
            "53300",
            Busy,
            "The project's database has no connection free. Wait a moment, then try again.",
        ),
        transient(
            "57014",
            Busy,
            "The project's database took too long. Try again; ask for fewer rows at once.",
        ),
        transient(
            "25006",
            Busy,
            "The project's database is read-only, usually because its disk is full. An admin can free space or add some.",
        ),
    ]
};
