//! Who may do what, printed as a table: `tests/golden/policy.txt`.
//!
//! Promises: every act has rows for the things it is done to, and every kind of asker a column; a change
//! of the policy shows as a difference to read. `UPDATE_GOLDEN=1` writes the table anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use market::person::Preferences;
use market::policy::{
    AppealFacts, Belonging, Door, EntryFacts, House, LogAccess, ProgrammeFacts, RaceFacts, SheetFacts,
    Subject, TemplateFacts, UnitFacts, VoteFacts, WalletOwner, WebhookFacts, permit,
};
use market::race::Who;
use market::vote::Voters;
use market::{Act, Actor, Asker, PersonId, PersonKind, ProgrammeId, Refusal, Role, UnitId};
use uuid::Uuid;

/// The kinds of things that acts are done to.
#[derive(Clone, Copy)]
enum Thing {
    House,
    Belonging,
    Unit,
    Programme,
    Wallet,
    Log,
    Race,
    Entry,
    Sheet,
    Appeal,
    Hook,
    Template,
}
use Thing::{
    Appeal, Belonging as Own, Entry, Hook, House as Whole, Log, Programme, Race, Sheet, Template, Unit,
    Wallet,
};

/// What an act is done to. No wildcard: a new act does not compile until it has its row.
fn thing_of(act: Act) -> Thing {
    match act {
        Act::SignUp | Act::SignIn | Act::RefreshToken | Act::AcceptInvitation => Whole,
        Act::SignOut | Act::UpdateProfile | Act::UpdateMailing | Act::SetPreferences => Own,
        Act::EnrolKey | Act::RevokeKey | Act::SeeKeys | Act::SignIntent => Own,
        Act::AddPerson | Act::InvitePerson | Act::GrantRole | Act::RevokeRole => Whole,
        Act::RequestErasure | Act::ApproveErasure => Whole,
        Act::SeePeople | Act::SeeInside | Act::SeeJournal | Act::SeeTreasury | Act::SeeInsight => Whole,
        Act::SeeUnit | Act::AddUnitMember | Act::RemoveUnitMember | Act::HandOverUnit => Unit,
        Act::CreateUnit | Act::CreateProgramme | Act::CreateTask | Act::SaveTemplate => Whole,
        Act::DeleteTemplate => Template,
        Act::IssueTokens | Act::AllocateTokens => Whole,
        Act::GrantProgramme | Act::RevokeProgramme | Act::SeeProgramme | Act::DrawOnProgramme => Programme,
        Act::SeeWallet | Act::TransferTokens | Act::SplitTokens => Wallet,
        Act::SeeTiles | Act::SeeEntryBundles => Log,
        Act::SeeTask | Act::UpdateTask | Act::DeleteDraft | Act::PublishTask | Act::BoostTask => Race,
        Act::ExtendDeadline | Act::CancelTask | Act::EnterRace | Act::RuleRace | Act::AnswerAppeal => Race,
        Act::UploadAnswerKey | Act::SeeAnswerKey | Act::CastBallot | Act::RecordEvents => Race,
        Act::InviteToRace | Act::UninviteFromRace | Act::AcceptTerms => Race,
        Act::ProposeAmendment | Act::WithdrawAmendment | Act::AcceptAmendment => Race,
        Act::AnswerAmendment => Entry,
        Act::ReviseCrew | Act::AgreeToCrew | Act::DeclineCrew | Act::WithdrawEntry => Entry,
        Act::MergeEntries | Act::HandOverEntry | Act::LeaveCrew | Act::DisqualifyEntry => Entry,
        Act::CheckInEntry => Entry,
        Act::SubmitWork
        | Act::SeeSubmission
        | Act::SeeStageWork
        | Act::AppealRuling
        | Act::ChooseVersions => Entry,
        Act::RuleStage => Race,
        Act::ReturnUnread | Act::TakeBackReturn => Entry,
        Act::SeeSameWork => Race,
        Act::AskQuestion | Act::AnswerQuestion | Act::ClarifyTask => Race,
        Act::AskFeedback | Act::GiveFeedback | Act::SeeFeedback => Entry,
        Act::SaveScores | Act::DeclareConflict => Entry,
        Act::LockSheet | Act::NameJudge => Race,
        Act::SeeSheet => Sheet,
        Act::AppealAgain => Entry,
        Act::AnswerAgain => Appeal,
        Act::OfferForPart | Act::AcceptOffer | Act::DeclineOffer => Entry,
        Act::WithdrawOffer => Own,
        Act::StateValue | Act::SeeValue | Act::DeclareEffort => Race,
        Act::SeeWebhooks | Act::AddWebhook | Act::RotateWebhook => Hook,
        Act::DisableWebhook | Act::RedeliverWebhook => Hook,
        Act::FollowLog | Act::AnchorCheckpoint => Whole,
        Act::KeepTime | Act::Seal | Act::StartEpoch | Act::RotateLogKey => Whole,
    }
}

/// The columns: nobody, the roles with no tie to anything, then each tie on its own.
const ASKERS: &[&str] = &[
    "visitor",
    "contributor",
    "member",
    "manager",
    "treasurer",
    "auditor",
    "admin",
    "self",
    "lead",
    "unit-member",
    "prog-owner",
    "prog-manager",
    "poster",
    "judge",
    "ruler",
    "deputy",
    "rider",
    "captain",
    "crew",
    "asked",
    "out-judge",
    "out-crew",
    "clockwork",
    "operator",
];

fn person(name: &str) -> PersonId {
    let index = ASKERS.iter().position(|asker| *asker == name).expect("a column");
    PersonId(Uuid::from_u128(u128::try_from(index).expect("small") + 1))
}

fn unit() -> UnitId {
    UnitId(Uuid::from_u128(100))
}

fn programme() -> ProgrammeId {
    ProgrammeId(Uuid::from_u128(200))
}

fn actor(name: &str) -> Actor {
    let roles = match name {
        "manager" | "prog-manager" | "poster" => vec![Role::Manager],
        "treasurer" => vec![Role::Treasurer],
        "auditor" => vec![Role::Auditor],
        "admin" => vec![Role::Admin],
        _ => vec![],
    };
    let outside = matches!(name, "contributor" | "out-judge" | "out-crew");
    match name {
        "visitor" => Actor::Visitor,
        "clockwork" => Actor::Clockwork,
        "operator" => Actor::Operator,
        _ => Actor::Person(Asker {
            id: person(name),
            handle: name.to_owned(),
            name: name.to_owned(),
            kind: if outside { PersonKind::Contributor } else { PersonKind::Member },
            roles,
            leads: if name == "lead" { vec![unit()] } else { vec![] },
            units: if matches!(name, "lead" | "unit-member") { vec![unit()] } else { vec![] },
            programmes: if name == "prog-manager" { vec![programme()] } else { vec![] },
            preferences: Preferences::default(),
        }),
    }
}

fn race(published: bool, open: bool, stopped: bool, programme: bool) -> RaceFacts {
    RaceFacts {
        door: Door::default(),
        published,
        open,
        stopped,
        stage_ended: false,
        poster: person("poster"),
        judges: ["judge", "ruler", "out-judge"].map(person).to_vec(),
        named: ["judge", "ruler", "out-judge", "deputy"].map(person).to_vec(),
        panel: false,
        rulers: vec![person("ruler")],
        programme_owner: programme.then(|| person("prog-owner")),
        riders: ["rider", "captain", "crew", "asked", "out-crew"].map(person).to_vec(),
        vote: None,
    }
}

/// A stopped race, open to outsiders, that these decide; a unit that nobody else is of rides in it.
fn voted(voters: Voters) -> RaceFacts {
    let riding_units = vec![UnitId(Uuid::from_u128(101))];
    RaceFacts { vote: Some(VoteFacts { voters, riding_units }), ..race(true, true, true, true) }
}

/// One that the unit and the rider are invited to.
fn by_invitation() -> RaceFacts {
    let door = Door { who: Who::Invited, people: vec![person("rider")], units: vec![unit()] };
    RaceFacts { door, ..race(true, true, false, true) }
}

/// The states of a race that the policy tells apart.
fn races() -> Vec<(&'static str, RaceFacts)> {
    vec![
        ("draft", race(false, false, false, true)),
        ("running inside", race(true, false, false, true)),
        ("running open to outsiders", race(true, true, false, true)),
        ("running by invitation", by_invitation()),
        ("stopped inside", race(true, false, true, true)),
        ("stopped open to outsiders", race(true, true, true, true)),
        ("stopped without a programme", race(true, false, true, false)),
        ("running, a stage has ended", RaceFacts { stage_ended: true, ..race(true, false, false, true) }),
        (
            "passed on to the deputies",
            RaceFacts { judges: vec![person("deputy")], ..race(true, false, true, true) },
        ),
        ("running, panel", RaceFacts { panel: true, ..race(true, true, false, true) }),
        ("stopped, panel", RaceFacts { panel: true, ..race(true, true, true, true) }),
        ("ruled by a panel", RaceFacts { panel: true, ..race(true, true, true, true) }),
    ]
}

fn entry(race: RaceFacts) -> EntryFacts {
    EntryFacts {
        race,
        captain: person("captain"),
        units: vec![unit()],
        crew: ["captain", "crew", "out-crew"].map(person).to_vec(),
        asked: vec![person("asked")],
        asked_units: Vec::new(),
        conflicted: vec![person("out-judge")],
        opened: true,
    }
}

/// What every asker is told, a word for each column.
fn answers<S: Subject>(act: Act, subject: &S) -> Vec<&'static str> {
    let answer = |name: &&str| match permit(&actor(name), act, subject) {
        Ok(permit) => {
            assert_eq!((permit.act(), permit.by()), (act, actor(name).id()));
            "yes"
        }
        Err(Refusal::Unauthenticated) => "sign-in",
        Err(Refusal::NotFound) => "-",
        Err(other) => panic!("the policy refused with {other:?}"),
    };
    ASKERS.iter().map(answer).collect()
}

/// The rows of one act: states of a thing that are answered alike share a row.
fn rows(act: Act) -> Vec<String> {
    let in_states = |kind: &str, answers_in: &dyn Fn(RaceFacts) -> Vec<&'static str>| {
        let mut groups: Vec<(Vec<&'static str>, Vec<&'static str>)> = Vec::new();
        for (state, race) in races() {
            let answers = answers_in(race);
            match groups.iter_mut().find(|(_, known)| *known == answers) {
                Some((states, _)) => states.push(state),
                None => groups.push((vec![state], answers)),
            }
        }
        let alone = groups.len() == 1;
        let name = |states: Vec<&str>| if alone { "any state".to_owned() } else { states.join(" / ") };
        groups.into_iter().map(|(states, answers)| (format!("{kind}, {}", name(states)), answers)).collect()
    };
    let rows: Vec<(String, Vec<&str>)> = match thing_of(act) {
        Whole => vec![("house".to_owned(), answers(act, &House))],
        Own => vec![("what is theirs".to_owned(), answers(act, &Belonging(person("self"))))],
        Unit => vec![("unit".to_owned(), answers(act, &UnitFacts { id: unit() }))],
        Programme => {
            let facts = ProgrammeFacts { id: programme(), owner: person("prog-owner") };
            vec![("programme".to_owned(), answers(act, &facts))]
        }
        Wallet => vec![
            ("wallet of a person".to_owned(), answers(act, &WalletOwner::Person(person("self")))),
            ("wallet of a unit".to_owned(), answers(act, &WalletOwner::Unit(unit()))),
        ],
        Log => vec![
            ("log, guarded".to_owned(), answers(act, &LogAccess::Guarded)),
            ("log, public".to_owned(), answers(act, &LogAccess::Public)),
        ],
        Hook => vec![
            ("webhook of the house".to_owned(), answers(act, &WebhookFacts::House)),
            ("webhook of a unit".to_owned(), answers(act, &WebhookFacts::Unit(unit()))),
            (
                "webhook of a programme".to_owned(),
                answers(act, &WebhookFacts::Programme { id: programme(), owner: person("prog-owner") }),
            ),
        ],
        Template => vec![
            (
                "template of one's own".to_owned(),
                answers(act, &TemplateFacts { by: person("self"), shared: false }),
            ),
            (
                "template for all".to_owned(),
                answers(act, &TemplateFacts { by: person("self"), shared: true }),
            ),
        ],
        Race => in_states("race", &|race| answers(act, &race)),
        Sheet => sheets(act),
        Appeal => in_states("appeal that prog-owner turned down", &|race| {
            answers(act, &AppealFacts { race, answered_by: Some(person("prog-owner")) })
        }),
        Entry => in_states("entry", &|race| answers(act, &entry(race))),
    };
    rows.into_iter().map(|(thing, answers)| line(act.as_str(), &answers, &thing)).collect()
}

/// The rows of a sheet: before and after the ruling. The ruler has locked one, too; the judge has not.
fn sheets(act: Act) -> Vec<(String, Vec<&'static str>)> {
    let race = RaceFacts { panel: true, ..race(true, false, true, true) };
    let row = |state: &str, ruled| {
        let facts = SheetFacts {
            race: race.clone(),
            judge: person("out-judge"),
            ruled,
            locked: ["ruler", "out-judge"].map(person).to_vec(),
        };
        (format!("sheet of out-judge, {state}"), answers(act, &facts))
    };
    vec![row("before the ruling", false), row("after the ruling", true)]
}

fn line(act: &str, cells: &[&str], thing: &str) -> String {
    let mut line = format!("{act:<18}");
    for (cell, name) in cells.iter().zip(ASKERS) {
        let width = name.len().max(7) + 1;
        let _written = write!(line, "{cell:<width$}");
    }
    line + thing
}

fn table() -> String {
    let mut lines = vec![
        "# Who may do what. Made by tests/market/policy.rs: UPDATE_GOLDEN=1 writes it anew.".to_owned(),
        "# yes: permitted. sign-in: a visitor is asked to sign in. -: answered as if it did not exist."
            .to_owned(),
        "# out-judge and out-crew come from outside; poster and prog-manager have the role of manager."
            .to_owned(),
        line("act", ASKERS, "thing"),
    ];
    lines.extend(Act::ALL.iter().flat_map(|act| rows(*act)));
    lines.join("\n") + "\n"
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn the_table_of_rights_is_the_one_agreed() {
    let path = top().join("tests/golden/policy.txt");
    let now = table();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&path, &now).expect("the golden file can be written");
    }
    let agreed = fs::read_to_string(&path).unwrap_or_default();
    let differences: Vec<String> = differing(&agreed, &now);
    assert!(
        differences.is_empty(),
        "the policy changed; read each line, then UPDATE_GOLDEN=1:\n{}",
        differences.join("\n")
    );
}

/// Lines of one text that are not in the other.
fn differing(agreed: &str, now: &str) -> Vec<String> {
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (agreed.lines().collect(), now.lines().collect());
    let gone = before.difference(&after).map(|line| format!("- {line}"));
    gone.chain(after.difference(&before).map(|line| format!("+ {line}"))).collect()
}

#[test]
fn a_right_that_changes_shows_as_a_difference() {
    assert_eq!(differing("a yes\nb yes\n", "a yes\nb -\n"), ["- b yes", "+ b -"]);
}

/// The act that each command of the market names, by the command.
fn commands(folder: &Path, found: &mut Vec<(String, String)>) {
    for item in fs::read_dir(folder).expect("the sources of the market").flatten() {
        let path = item.path();
        if path.is_dir() {
            commands(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            for part in text.split("impl Command for ").skip(1) {
                let name = part.split([' ', '{', '<']).next().unwrap_or_default().to_owned();
                let act = part.split("const ACT: Act = Act::").nth(1).and_then(|rest| rest.split(';').next());
                found.push((name, act.unwrap_or("nothing").to_owned()));
            }
        }
    }
}

#[test]
fn every_command_names_an_act_of_the_table() {
    let mut found = Vec::new();
    commands(&top().join("server/market/src"), &mut found);
    assert!(found.len() >= 25, "only {} commands found", found.len());
    let table = table();
    for (command, act) in found {
        let mut name: Vec<char> = act.chars().collect();
        name[0] = name[0].to_ascii_lowercase();
        let name: String = name.into_iter().collect();
        let has_row = table.lines().any(|line| line.split(' ').next() == Some(&name));
        assert!(has_row, "{command} is done by Act::{act}, which has no row");
    }
}

#[test]
fn an_admin_moves_no_token_and_a_poster_never_rides_their_own_race() {
    let running = race(true, false, false, true);
    for act in [Act::IssueTokens, Act::AllocateTokens, Act::CreateProgramme] {
        assert_eq!(permit(&actor("admin"), act, &House).unwrap_err(), Refusal::NotFound);
    }
    for wallet in [WalletOwner::Person(person("self")), WalletOwner::Unit(unit())] {
        assert!(permit(&actor("admin"), Act::TransferTokens, &wallet).is_err());
    }
    for name in ["poster", "judge", "ruler", "auditor", "admin"] {
        assert!(permit(&actor(name), Act::EnterRace, &running).is_err(), "{name}");
    }
}

#[test]
fn rivals_and_the_poster_never_vote() {
    let race = voted(Voters::Everyone);
    for name in ["poster", "rider", "captain", "crew", "asked", "out-crew", "visitor"] {
        assert!(permit(&actor(name), Act::CastBallot, &race).is_err(), "{name}");
    }
    assert!(permit(&actor("member"), Act::CastBallot, &race).is_ok());
    let vote = Some(VoteFacts { voters: Voters::Everyone, riding_units: vec![unit()] });
    let rival = RaceFacts { vote, ..race };
    for name in ["lead", "unit-member"] {
        assert!(permit(&actor(name), Act::CastBallot, &rival).is_err(), "{name} is of a unit that rides");
    }
}

#[test]
fn nobody_rules_a_race_that_they_ride_in() {
    let mut race = race(true, false, true, true);
    race.riders.push(person("judge"));
    for act in [Act::RuleRace, Act::AnswerAppeal] {
        assert!(permit(&actor("judge"), act, &race).is_err());
    }
}
