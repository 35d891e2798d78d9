//! Who plays: people, units, programmes, and the first tokens.
//!
//! Promises: everybody whom a story names is here. Must never: hold a secret; this password is on the page.

use market::{PersonKind, Role};

use crate::Account;

/// A person of the demo world.
pub(crate) struct Player {
    pub(crate) email: &'static str,
    pub(crate) handle: &'static str,
    pub(crate) name: &'static str,
    pub(crate) kind: PersonKind,
    pub(crate) roles: &'static [Role],
    /// Shown where the demo introduces itself; `None` for the rest of the cast.
    pub(crate) what: Option<&'static str>,
}

/// A unit and its people, the lead first.
pub(crate) struct Team {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) people: &'static [&'static str],
    pub(crate) tokens: &'static str,
}

/// A programme and its managers.
pub(crate) struct Budget {
    pub(crate) slug: &'static str,
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) managers: &'static [&'static str],
    pub(crate) tokens: &'static str,
}

/// Who brings everybody in.
pub(crate) const ADMIN: &str = "sofia";
/// Who issues tokens.
pub(crate) const TREASURER: &str = "zhou-min";
/// Who answers for the programmes.
pub(crate) const DIRECTOR: &str = "chen-li";
/// All the tokens there are.
pub(crate) const SUPPLY: &str = "3000000";
/// Steps before the first story begins: people, then units, programmes, tokens.
pub(crate) const STEPS: u64 = 4;

const MEMBER: PersonKind = PersonKind::Member;
const OUTSIDER: PersonKind = PersonKind::Contributor;

const fn introduced(
    email: &'static str,
    handle: &'static str,
    name: &'static str,
    kind: PersonKind,
    roles: &'static [Role],
    what: &'static str,
) -> Player {
    Player { email, handle, name, kind, roles, what: Some(what) }
}

const fn member(email: &'static str, handle: &'static str, name: &'static str) -> Player {
    Player { email, handle, name, kind: MEMBER, roles: &[], what: None }
}

/// Everybody; the admin comes first, for the admin brings in the others.
pub(crate) const PEOPLE: &[Player] = &[
    introduced(
        "admin@demo.example",
        ADMIN,
        "Sofia Brandt",
        MEMBER,
        &[Role::Admin],
        "admin: people and roles, no tokens",
    ),
    introduced(
        "treasurer@demo.example",
        TREASURER,
        "周敏",
        MEMBER,
        &[Role::Treasurer],
        "treasurer: issues tokens, grants budgets",
    ),
    introduced(
        "director@demo.example",
        DIRECTOR,
        "陈立",
        MEMBER,
        &[],
        "owns the programmes, answers appeals",
    ),
    introduced(
        "manager@demo.example",
        "ines",
        "Inês Duarte",
        MEMBER,
        &[Role::Manager],
        "manager: key technology, key product",
    ),
    introduced(
        "manager2@demo.example",
        "wang-fang",
        "王芳",
        MEMBER,
        &[Role::Manager],
        "manager: key product, key scenario",
    ),
    introduced(
        "judge@demo.example",
        "tomasz",
        "Tomasz Nowak",
        MEMBER,
        &[],
        "judge; an appeal waits for another judge",
    ),
    introduced("judge2@demo.example", "li-jing", "李静", MEMBER, &[], "judge; has an appeal to answer"),
    introduced(
        "auditor@demo.example",
        "ruth",
        "Ruth Okafor",
        MEMBER,
        &[Role::Auditor],
        "auditor: reads everything",
    ),
    introduced("red@demo.example", "zhao-lei", "赵磊", MEMBER, &[], "leads the unit Red"),
    introduced("blue@demo.example", "priya", "Priya Raman", MEMBER, &[], "leads the unit Blue"),
    introduced("green@demo.example", "lin-xiaoyu", "林小雨", MEMBER, &[], "leads the unit Green"),
    introduced(
        "outsider@demo.example",
        "noor",
        "Noor Rahimi",
        OUTSIDER,
        &[],
        "from outside: open challenges only",
    ),
    introduced(
        "outsider2@demo.example",
        "luo-cheng",
        "罗成",
        OUTSIDER,
        &[],
        "from outside: open challenges only",
    ),
    member("sun.yue@demo.example", "sun-yue", "孙悦"),
    member("hugo@demo.example", "hugo", "Hugo Lindqvist"),
    member("qian.cheng@demo.example", "qian-cheng", "钱程"),
    member("amara@demo.example", "amara", "Amara Diallo"),
    member("wu.di@demo.example", "wu-di", "吴迪"),
    member("jonas@demo.example", "jonas", "Jonas Weber"),
    member("zheng.shuang@demo.example", "zheng-shuang", "郑爽"),
    member("leila@demo.example", "leila", "Leila Haddad"),
    member("marta@demo.example", "marta", "Marta Kowalska"),
    member("he.ping@demo.example", "he-ping", "何平"),
    member("diego@demo.example", "diego", "Diego Fuentes"),
    member("xu.nuo@demo.example", "xu-nuo", "许诺"),
];

pub(crate) const UNITS: &[Team] = &[
    Team {
        slug: "red",
        name: "Red 赤兔",
        purpose: "Edge hardware and firmware: what runs in the field, without a network, for years.",
        people: &["zhao-lei", "sun-yue", "hugo", "qian-cheng", "amara"],
        tokens: "25000",
    },
    Team {
        slug: "blue",
        name: "Blue 的卢",
        purpose: "Platform and data: queues, storage and the services that the field talks to.",
        people: &["priya", "wu-di", "jonas", "zheng-shuang", "leila"],
        tokens: "25000",
    },
    Team {
        slug: "green",
        name: "Green 飒露紫",
        purpose: "Product and design: farms, shops and the people in them.",
        people: &["lin-xiaoyu", "marta", "he-ping", "diego", "xu-nuo"],
        tokens: "25000",
    },
];

pub(crate) const PROGRAMMES: &[Budget] = &[
    Budget {
        slug: "key-technology",
        name: "Key technology 重点技术",
        purpose: "Hard problems whose answer many products will stand on.",
        managers: &["ines"],
        tokens: "800000",
    },
    Budget {
        slug: "key-product",
        name: "Key product 重点产品",
        purpose: "Products that should be in customers' hands this year.",
        managers: &["ines", "wang-fang"],
        tokens: "500000",
    },
    Budget {
        slug: "key-scenario",
        name: "Key scenario 重点场景",
        purpose: "One place, one day, one person's work made better.",
        managers: &["wang-fang"],
        tokens: "400000",
    },
];

/// The accounts that the demo introduces.
pub(crate) fn accounts() -> Vec<Account> {
    let introduced = PEOPLE.iter().filter_map(|player| Some((player, player.what?)));
    introduced.map(|(player, what)| Account { email: player.email, name: player.name, what }).collect()
}
