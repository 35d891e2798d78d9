//! Voting on a race: the ballot, and on the task's page how many there are and what came of them.
//!
//! Promises: shows one's own ballot, and a tally only where the market gives one. Must never: count.

use actix_web::web::{Data, Path};
use askama::Template;
use market::race::EntryView;
use market::task::{Judging, TaskView};
use market::vote::{Ballot, CastBallot, VoteView, VotesFor};
use market::{Code, EntryId, Market, Problems, Refusal};

use super::kit::{Fact, Link, fresh_key, key_of, name};
use super::lanes;
use super::task_parts::entry_link;
use crate::errors::{Answer, Failure};
use crate::format::When;
use crate::forms::{Form, Posted};
use crate::i18n::key;
use crate::visit::Visit;
use crate::{respond, urls};

/// Most votes that can be typed for one entry: the root of the most credits.
const MOST_VOTES: u32 = 100;

/// A vote on a task's page.
#[derive(Debug, Clone)]
pub struct VoteBlock {
    /// The key of how it stands.
    pub state: &'static str,
    /// The instant that matters now.
    pub at: When,
    /// How many ballots there are.
    pub ballots: u32,
    /// Where the reader votes, while they can.
    pub url: Option<String>,
    /// Whether the reader has voted.
    pub voted: bool,
    /// The tally, most first, once counted.
    pub tally: Vec<(Link, u32)>,
}

/// The block of a vote.
pub(super) fn block(v: &Visit, task: &TaskView, entries: &[EntryView], vote: &VoteView) -> VoteBlock {
    let counted = !vote.tally.is_empty();
    let (state, at) = match (counted, vote.is_open) {
        (true, _) => (key("vote-counted"), vote.closes_at),
        (false, true) => (key("vote-open"), vote.closes_at),
        (false, false) if v.now < vote.opens_at => (key("vote-to-come"), vote.opens_at),
        (false, false) => (key("vote-over"), vote.closes_at),
    };
    VoteBlock {
        state,
        at: v.when(at),
        ballots: vote.ballots,
        url: (vote.is_open && vote.may_vote).then(|| urls::task_vote(&task.handle)),
        voted: !vote.mine.is_empty(),
        tally: vote.tally.iter().map(|one| (entry_link(entries, one.entry), one.votes)).collect(),
    }
}

/// The page of a ballot.
#[derive(Debug, Template)]
#[template(path = "tasks/vote.html")]
pub struct VotePage {
    /// The request.
    pub v: Visit,
    /// What was typed.
    pub form: Form,
    /// The task.
    pub task: Link,
    /// How the ballot works.
    pub facts: Vec<Fact>,
    /// True when there is one vote for one entry.
    pub single: bool,
    /// Where the form goes.
    pub action: String,
    /// The entries.
    pub lanes: Vec<VoteRow>,
}

/// An entry to vote for.
#[derive(Debug, Clone)]
pub struct VoteRow {
    /// Its lane.
    pub lane: u32,
    /// Its name, leading to what it handed in.
    pub name: Link,
    /// Its id, for the form.
    pub id: String,
    /// The name of its field of votes.
    pub votes: String,
}

/// `GET /tasks/{handle}/vote`.
///
/// # Errors
/// Not found, for who may not vote.
pub async fn ask(v: Visit, market: Data<Market>, path: Path<String>) -> Answer {
    let (task, vote) = voted(&v, &market, &path).await?;
    let mut form = Form::default();
    for one in &vote.mine {
        form.set(&format!("for.{}", one.entry), one.votes.to_string());
        form.set("one", one.entry.to_string());
    }
    form.set("key", fresh_key(&market));
    let page = page(v, &market, &task, &vote, form).await?;
    Ok(respond::page(&page.v, &page))
}

/// `POST /tasks/{handle}/vote`: `one`, or `for.<entry>` with a number of votes.
///
/// # Errors
/// Not found, for who may not vote.
pub async fn cast(v: Visit, market: Data<Market>, path: Path<String>, Posted(form): Posted) -> Answer {
    let (task, vote) = voted(&v, &market, &path).await?;
    let command = votes(&form, single(&task)).map(|votes| CastBallot { task: task.id, votes });
    let done = match command {
        Ok(command) => market.run_once(&v.actor, key_of(&form)?, command).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => Ok(respond::done(&urls::task(&task.handle), key("done-voted"))),
        Err(refusal) => {
            let mut form = form.mend(&v, whole(refusal))?;
            form.set("key", fresh_key(&market));
            let page = page(v, &market, &task, &vote, form).await?;
            Ok(respond::form_again(&page.v, &page))
        }
    }
}

/// What is wrong with one of the votes stands above all of them.
fn whole(refusal: Refusal) -> Refusal {
    let Refusal::Invalid(mut problems) = refusal else { return refusal };
    for problem in &mut problems {
        if problem.field.starts_with("votes") {
            problem.field.clear();
        }
    }
    Refusal::Invalid(problems)
}

async fn voted(v: &Visit, market: &Market, path: &str) -> Result<(TaskView, VoteView), Failure> {
    if !v.signed_in() {
        return Err(Refusal::Unauthenticated.into());
    }
    let task = market.task_by_handle(&v.actor, name(path)?).await?;
    match market.vote(&v.actor, task.id).await? {
        Some(vote) if vote.may_vote => Ok((task, vote)),
        _ => Err(Refusal::NotFound.into()),
    }
}

fn single(task: &TaskView) -> bool {
    matches!(&task.rules.judging, Judging::Vote(vote) if vote.ballot == Ballot::One)
}

/// The votes as typed; an empty field is no vote.
fn votes(form: &Form, single: bool) -> Result<Vec<VotesFor>, Refusal> {
    let mut problems = Problems::default();
    let mut found = Vec::new();
    let entry = |text: &str| text.parse::<EntryId>().map_err(|_| Code::BadId);
    if single {
        if let Some(one) = form.given("one")
            && let Some(entry) = problems.keep("", entry(one))
        {
            found.push(VotesFor { entry, votes: 1 });
        }
        return problems.done().map(|()| found);
    }
    for (name, typed) in form.pairs() {
        let Some(id) = name.strip_prefix("for.") else { continue };
        let typed = typed.trim();
        if typed.is_empty() || typed == "0" {
            continue;
        }
        let read = typed.parse::<u32>().ok().filter(|votes| *votes <= MOST_VOTES);
        let range = Code::OutOfRange { min: "0".to_owned(), max: MOST_VOTES.to_string() };
        let votes = problems.keep(name, read.ok_or(range));
        if let (Some(entry), Some(votes)) = (problems.keep(name, entry(id)), votes) {
            found.push(VotesFor { entry, votes });
        }
    }
    problems.done().map(|()| found)
}

async fn page(
    v: Visit,
    market: &Market,
    task: &TaskView,
    vote: &VoteView,
    form: Form,
) -> Result<VotePage, Failure> {
    let entries = lanes::all(&v, market, task.id).await?;
    let can_be_chosen =
        |entry: &&EntryView| entry.submissions > 0 && entry.state == market::race::EntryState::Running;
    let ballot = match &task.rules.judging {
        Judging::Vote(rules) => rules.ballot,
        _ => return Err(Refusal::NotFound.into()),
    };
    let how = match ballot {
        Ballot::One => v.t(key("rule-ballot-one")),
        Ballot::Quadratic { credits } => v.tn(key("rule-ballot-quadratic"), credits),
    };
    let row = |entry: &EntryView| VoteRow {
        lane: entry.lane,
        name: Link::new(&entry.name, urls::entry(entry.id)),
        id: entry.id.to_string(),
        votes: format!("for.{}", entry.id),
    };
    Ok(VotePage {
        task: Link::new(&task.title, urls::task(&task.handle)),
        facts: vec![
            Fact::new(v.t(key("rule-ballot")), how),
            Fact::new(v.t(key("vote-until")), v.when(vote.closes_at).exact),
        ],
        single: ballot == Ballot::One,
        action: urls::task_vote(&task.handle),
        lanes: entries.iter().filter(can_be_chosen).map(row).collect(),
        form,
        v,
    })
}

#[cfg(test)]
pub(crate) mod samples {
    use super::*;

    pub(crate) fn block(v: &Visit) -> VoteBlock {
        VoteBlock {
            state: key("vote-counted"),
            at: v.when(v.now.plus_seconds(-60)),
            ballots: 12,
            url: v.signed_in().then(|| urls::task_vote("abc")),
            voted: v.signed_in(),
            tally: vec![(Link::new("Half the time <b>", urls::entry(2)), 9), (Link::new("蓝色闪电", ""), 3)],
        }
    }

    pub(crate) fn pages() -> Vec<VotePage> {
        let page = |v: &Visit, single: bool| {
            let mut form = Form::of([("for.1", "3"), ("one", "1"), ("key", "k")]);
            form.refuse("", "These votes cost 26 of 25 credits.");
            let row = |lane: u32, name: &str| VoteRow {
                lane,
                name: Link::new(name, urls::entry(lane)),
                id: lane.to_string(),
                votes: format!("for.{lane}"),
            };
            VotePage {
                form,
                task: Link::new("A task <b>", urls::task("abc")),
                facts: vec![Fact::new("Ballot", "One vote")],
                single,
                action: urls::task_vote("abc"),
                lanes: vec![row(1, "Red"), row(2, "蓝色闪电")],
                v: v.clone(),
            }
        };
        crate::visit::samples::all().iter().flat_map(|v| [page(v, true), page(v, false)]).collect()
    }

    #[test]
    fn an_empty_field_is_no_vote() {
        let id = "00000000-0000-0000-0000-000000000001";
        let form = Form::of([(format!("for.{id}").as_str(), " 3 "), ("for.x", ""), ("one", id)]);
        assert_eq!(votes(&form, false).unwrap()[0].votes, 3);
        assert_eq!(votes(&form, true).unwrap()[0].votes, 1);
        assert!(votes(&Form::of([("for.x", "1")]), false).is_err());
        assert!(votes(&Form::of([(format!("for.{id}").as_str(), "101")]), false).is_err());
    }
}
