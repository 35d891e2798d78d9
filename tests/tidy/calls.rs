//! What code must not call, and where: time and chance have one home each, and the ledger is pure.

use crate::tree::{File, sources};
use crate::{code, found, none};

/// A name that is banned in the sources below `within`, except in `except`.
struct Ban {
    within: &'static str,
    except: &'static [&'static str],
    names: &'static [&'static str],
    instead: &'static str,
}

const CLOCK: &str = "server/market/src/clock.rs";
const IDS: &str = "server/market/src/ids.rs";

const BANS: &[Ban] = &[
    Ban {
        within: "",
        except: &[CLOCK],
        names: &[
            "SystemTime::now",
            "OffsetDateTime::now_utc",
            "OffsetDateTime::now_local",
            "UtcDateTime::now",
            "Utc::now",
        ],
        instead: "ask market::Clock",
    },
    Ban {
        within: "",
        except: &[IDS],
        names: &[
            "rand::",
            "getrandom",
            "Uuid::new_v4",
            "Uuid::now_v7",
            "OsRng",
            "SysRng",
            "RandomState::new",
        ],
        instead: "ask market::Ids",
    },
    Ban {
        within: "server/ledger/src",
        except: &[],
        names: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "std::time",
            "std::io",
            "async",
            "await",
            "println!",
            "eprintln!",
            "static mut",
        ],
        instead: "the ledger is pure: hand it what it needs",
    },
    Ban { within: "web", except: &[], names: &["sea_orm", "async_graphql"], instead: "ask the market" },
    Ban { within: "schema", except: &[], names: &["sea_orm", "actix_web"], instead: "ask the market" },
    Ban { within: "seeds", except: &[], names: &["sea_orm"], instead: "run commands of the market" },
    Ban {
        within: "server/market",
        except: &[],
        names: &["actix_web", "askama", "async_graphql"],
        instead: "the market knows no front end",
    },
    Ban {
        within: "",
        except: &[
            "server/market/src/policy.rs",
            "server/market/src/policy/facts.rs",
            "server/market/src/policy/judged.rs",
            "server/market/src/policy/race.rs",
            "tests/market/policy.rs",
        ],
        names: &["impl Subject for"],
        instead: "what a permit is about is told in policy.rs and the files below policy/",
    },
];

fn faults(ban: &Ban, file: &File) -> Vec<String> {
    if !file.path.starts_with(ban.within) || ban.except.contains(&file.path.as_str()) {
        return Vec::new();
    }
    let code = code::only(&file.text);
    let lines = |name| code::lines_with(&code, name).into_iter().map(move |line| (name, line));
    ban.names
        .iter()
        .flat_map(|name| lines(*name))
        .map(|(name, line)| format!("{}:{line}: `{name}` has no place here: {}", file.path, ban.instead))
        .collect()
}

#[test]
fn time_and_chance_come_from_one_place_and_the_walls_hold_in_the_sources_too() {
    let sources = sources();
    none(&BANS.iter().flat_map(|ban| sources.iter().flat_map(|file| faults(ban, file))).collect::<Vec<_>>());
}

#[test]
fn each_ban_finds_what_it_bans() {
    for ban in BANS {
        for name in ban.names {
            let text = format!("//! Bad.\nfn bad() {{ {name} }}\n");
            let path = format!("{}/bad.rs", ban.within).trim_start_matches('/').to_owned();
            found(&faults(ban, &File { path, text }), name);
        }
        for path in ban.except {
            let allowed = File { path: (*path).to_owned(), text: ban.names.concat() };
            none(&faults(ban, &allowed));
            assert!(crate::tree::top().join(path).exists(), "{path} is excepted and does not exist");
        }
    }
}
