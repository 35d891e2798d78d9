//! Plays scenes on a market.
//!
//! Promises: time only goes forward, and whatever falls due on the way happens on the way, at its own
//! instant. Must never: go past the market's commands.

mod offers;
mod worth;

use std::collections::{BTreeMap, HashMap};

use market::amendment::{Amended, AmendmentAnswer, AnswerAmendment, ProposeAmendment};
use market::board::{KeyUpload, MetricKind, MetricRules};
use market::judging::{
    AnswerAppeal, AppealRuling, AskFeedback, Combine, DeclareConflict, GiveFeedback, LockSheet, Panel,
    RuleRace, RuleStage, RulingLine, SaveScores, StageScore,
};
use market::meter::RecordEvents;
use market::person::{AddPerson, SignUp};
use market::programme::{CreateProgramme, GrantProgramme};
use market::race::{AgreeToCrew, CrewShare, EnterRace, EntryRules, UnitShare, WithdrawEntry};
use market::submission::{FileInput, SubmitInput};
use market::task::{
    BoostTask, CancelTask, CreateTask, ExtendDeadline, Growth, Judging, PrizePlan, Prizes, PublishTask,
    Rules, Score, Silence, Source, StagePrizes, StartPrize, TaskInput, UpdateTask,
};
use market::unit::{AddUnitMember, CreateUnit};
use market::vote::{Ballot, CastBallot, VoteRules, Voters, VotesFor};
use market::wallet::{AllocateTokens, Destination, IssueTokens, TransferTokens};
use market::{
    Actor, Amount, Clock as _, EntryId, ManualClock, Market, Moment, PersonId, PersonKind, ProgrammeId,
    Refusal, Result, SubmissionId, TaskId, UnitId, WalletOwner,
};

use crate::PASSWORD;
use crate::cast::{ADMIN, DIRECTOR, PEOPLE, PROGRAMMES, Player, SUPPLY, TREASURER, UNITS};
use crate::story::{Attachment, Criterion, Holder, Leg, Line, Plan, Purse, Scene, Step, Story, Time, on};

/// A market on which a world is played.
pub(crate) struct Stage<'m> {
    market: &'m Market,
    clock: &'m ManualClock,
    start: Moment,
    people: HashMap<&'static str, PersonId>,
    units: HashMap<&'static str, UnitId>,
    programmes: HashMap<&'static str, ProgrammeId>,
    tasks: BTreeMap<&'static str, TaskId>,
    /// By task and captain.
    entries: HashMap<(&'static str, &'static str), EntryId>,
    /// The versions that crews have opened to the judges.
    opened: HashMap<EntryId, SubmissionId>,
    /// The day that was sealed last.
    sealed: i64,
}

impl<'m> Stage<'m> {
    /// A stage on which nothing has happened yet.
    pub(crate) fn new(market: &'m Market, clock: &'m ManualClock, start: Moment) -> Self {
        Self {
            market,
            clock,
            start,
            people: HashMap::new(),
            units: HashMap::new(),
            programmes: HashMap::new(),
            tasks: BTreeMap::new(),
            entries: HashMap::new(),
            opened: HashMap::new(),
            sealed: 0,
        }
    }

    /// The tasks by the names that the stories give them.
    pub(crate) fn into_tasks(self) -> BTreeMap<&'static str, TaskId> {
        self.tasks
    }

    /// Brings in the cast, its units, programmes and first tokens.
    pub(crate) async fn open(&mut self, mut next: impl FnMut(&str)) -> Result<()> {
        self.clock.set(self.moment(on(0, 8, 0)));
        next("people");
        for player in PEOPLE {
            self.bring_in(player).await.map_err(|refusal| stuck(player.handle, &refusal))?;
        }
        self.go(self.moment(on(0, 9, 0))).await?;
        next("units");
        self.found_units().await.map_err(|refusal| stuck("units", &refusal))?;
        self.go(self.moment(on(0, 9, 30))).await?;
        next("programmes");
        self.found_programmes().await.map_err(|refusal| stuck("programmes", &refusal))?;
        self.go(self.moment(on(0, 10, 0))).await?;
        next("tokens");
        self.hand_out().await.map_err(|refusal| stuck("tokens", &refusal))
    }

    /// Plays one scene.
    pub(crate) async fn play(&mut self, step: &Step) -> Result<()> {
        self.go(self.moment(step.at)).await?;
        let (_, scene) = &step.story.scenes[step.scene];
        let played = self.act(&step.story, scene).await;
        played.map_err(|refusal| stuck(&format!("{}: {scene:?}", step.story.key), &refusal))
    }

    /// Lets time pass until `to`, doing on the way what falls due.
    pub(crate) async fn go(&mut self, to: Moment) -> Result<()> {
        while let Some(edge) = self.market.next_edge().await?.filter(|edge| *edge <= to) {
            self.clock.set(edge);
            self.market.keep_time().await?;
        }
        let day = to.seconds_since(self.start) / 86_400;
        if day > self.sealed {
            self.market.seal_now().await?;
            self.sealed = day;
        }
        self.clock.set(to.max(self.clock.now()));
        Ok(())
    }

    async fn bring_in(&mut self, player: &Player) -> Result<()> {
        let Player { email, handle, name, kind, roles, .. } = *player;
        let password = PASSWORD.to_owned();
        let (email, name) = (email.to_owned(), name.to_owned());
        let by = if handle == ADMIN { Actor::Operator } else { self.actor(ADMIN).await? };
        let id = if kind == PersonKind::Contributor {
            let sign_up = SignUp { email, handle: handle.to_owned(), name, password };
            self.market.sign_up(&Actor::Visitor, sign_up).await?;
            self.market.person_by_handle(&by, handle).await?.id
        } else {
            let add =
                AddPerson { email, handle: handle.to_owned(), name, password, kind, roles: roles.to_vec() };
            self.market.add_person(&by, add).await?
        };
        self.people.insert(handle, id);
        Ok(())
    }

    async fn found_units(&mut self) -> Result<()> {
        for team in UNITS {
            let [lead, others @ ..] = team.people else { continue };
            let create = CreateUnit {
                slug: team.slug.to_owned(),
                name: team.name.to_owned(),
                purpose: team.purpose.to_owned(),
                lead: None,
            };
            let unit = self.market.run(&self.actor(lead).await?, create).await?;
            for handle in others {
                let add = AddUnitMember { unit, person: self.person(handle)? };
                self.market.run(&self.actor(lead).await?, add).await?;
            }
            self.units.insert(team.slug, unit);
        }
        Ok(())
    }

    async fn found_programmes(&mut self) -> Result<()> {
        let treasurer = self.actor(TREASURER).await?;
        for budget in PROGRAMMES {
            let create = CreateProgramme {
                slug: budget.slug.to_owned(),
                name: budget.name.to_owned(),
                purpose: budget.purpose.to_owned(),
                owner: Some(self.person(DIRECTOR)?),
            };
            let programme = self.market.run(&treasurer, create).await?;
            for handle in budget.managers {
                let grant = GrantProgramme { programme, manager: self.person(handle)? };
                self.market.run(&treasurer, grant).await?;
            }
            self.programmes.insert(budget.slug, programme);
        }
        Ok(())
    }

    async fn hand_out(&self) -> Result<()> {
        let treasurer = self.actor(TREASURER).await?;
        let issue = IssueTokens {
            amount: self.amount(SUPPLY)?,
            reason: "Supply of the year, decided on 28 September".to_owned(),
        };
        self.market.run(&treasurer, issue).await?;
        for budget in PROGRAMMES {
            let to = Destination::Programme(self.programme(budget.slug)?);
            let reason = format!("Budget of the half-year: {}", budget.name);
            let allocate = AllocateTokens { to, amount: self.amount(budget.tokens)?, reason };
            self.market.run(&treasurer, allocate).await?;
        }
        for team in UNITS {
            let to = Destination::Unit(self.unit(team.slug)?);
            let reason = format!("Working capital of {}", team.name);
            let allocate = AllocateTokens { to, amount: self.amount(team.tokens)?, reason };
            self.market.run(&treasurer, allocate).await?;
        }
        Ok(())
    }

    async fn act(&mut self, story: &Story, scene: &Scene) -> Result<()> {
        match *scene {
            Scene::Draft => self.draft(story, Rules::default()).await,
            Scene::DraftInStages { legs, deputies } => {
                let stages = legs.iter().map(|leg| self.leg(leg)).collect::<Result<_>>()?;
                let deputies = deputies.iter().map(|handle| self.person(handle)).collect::<Result<_>>()?;
                let silence = Some(Silence { deputies, ..Silence::default() });
                self.draft(story, Rules { stages, silence, ..Rules::default() }).await
            }
            Scene::Measure { metric, key } => self.measure(story, metric, key).await,
            Scene::LetVote { credits, days } => self.let_vote(story, credits, days).await,
            Scene::Cast { by, votes } => self.cast(story, by, votes).await,
            Scene::Count { by, captain, count, evidence } => {
                let entry = captain.map(|captain| self.entry(story, captain)).transpose()?;
                let evidence = evidence.to_owned();
                self.run(by, RecordEvents { task: self.task(story)?, entry, count, evidence }).await
            }
            Scene::DraftForPanel { rubric, quorum } => {
                let judges = story.judges.iter().map(|handle| self.person(handle)).collect::<Result<_>>()?;
                let judging = Judging::Panel(panel_of(judges, rubric, quorum));
                self.draft(story, Rules { judging, feedback: true, ..Rules::default() }).await
            }
            Scene::Score { by, captain, scores, comment } => {
                let entry = self.entry(story, captain)?;
                let scores = scores.iter().map(|text| score(text).map(Some)).collect::<Result<_>>()?;
                self.run(by, SaveScores { entry, scores, comment: comment.to_owned() }).await
            }
            Scene::AskFeedback { captain } => {
                let entry = self.entry(story, captain)?;
                let opened = self.market.run(&self.actor(captain).await?, AskFeedback { entry }).await?;
                self.opened.insert(entry, opened);
                Ok(())
            }
            Scene::GiveFeedback { by, captain, body } => {
                let entry = self.entry(story, captain)?;
                let submission = self.opened.get(&entry).copied().ok_or(Refusal::NotFound)?;
                self.run(by, GiveFeedback { submission, body: body.to_owned() }).await
            }
            Scene::Lock { by } => self.run(by, LockSheet { task: self.task(story)? }).await,
            Scene::StandAside { by, captain, reason } => {
                let entry = self.entry(story, captain)?;
                self.run(by, DeclareConflict { entry, reason: reason.to_owned() }).await
            }
            Scene::Publish => self.run(story.poster, PublishTask { task: self.task(story)? }).await,
            Scene::Extend(to) => {
                let closes_at = self.moment(to);
                self.run(story.poster, ExtendDeadline { task: self.task(story)?, closes_at }).await
            }
            Scene::Amend { shares, closes, reason } => self.amend(story, shares, closes, reason).await,
            Scene::AnswerAmendment { captain, leaves } => self.answer_amendment(story, captain, leaves).await,
            Scene::Cancel(reason) => {
                self.run(story.poster, CancelTask { task: self.task(story)?, reason: reason.to_owned() })
                    .await
            }
            Scene::Worth { amount } => self.worth(story, amount).await,
            Scene::Spend { by, hours } => self.spend(story, by, hours).await,
            Scene::Boost { by, from, amount } => {
                let boost = BoostTask {
                    task: self.task(story)?,
                    from: self.source(from)?,
                    amount: self.amount(amount)?,
                };
                self.run(by, boost).await
            }
            Scene::Enter { captain, name, units, crew } => {
                self.enter(story, captain, name, units, crew).await
            }
            Scene::Agree { who, captain } => {
                let entry = self.entry(story, captain)?;
                let proposal = self.market.entry(&self.actor(who).await?, entry).await?.proposal;
                self.run(who, AgreeToCrew { entry, proposal: proposal.unwrap_or_default() }).await
            }
            Scene::Withdraw { captain } => {
                self.run(captain, WithdrawEntry { entry: self.entry(story, captain)? }).await
            }
            Scene::Submit { by, captain, body, links, files } => {
                self.submit(by, self.entry(story, captain)?, body, links, files).await
            }
            Scene::RuleStage { by, stage, lines } => self.rule_stage(story, by, stage, lines).await,
            Scene::Rule { by, summary, lines } => self.rule(story, by, summary, lines).await,
            Scene::Appeal { captain, grounds } => {
                let entry = self.entry(story, captain)?;
                self.run(captain, AppealRuling { entry, grounds: grounds.to_owned() }).await
            }
            Scene::Answer { by, captain, uphold, answer } => {
                self.answer(story, by, captain, uphold, answer).await
            }
            Scene::Offer { by, captain, ref terms } => self.offer(story, by, captain, terms).await,
            Scene::AnswerOffer { captain, accept } => self.answer_offer(story, captain, accept).await,
            Scene::Transfer { by, from, to, amount, memo } => self.transfer(by, from, to, amount, memo).await,
        }
    }

    fn leg(&self, leg: &Leg) -> Result<market::task::Stage> {
        let plan = PrizePlan::Ranked(Prizes::Shares(leg.shares.to_vec()));
        Ok(market::task::Stage {
            name: leg.name.to_owned(),
            ends_at: self.moment(leg.ends),
            judge_seconds: 3 * 86_400,
            mark: Some(score(leg.mark)?),
            keep: Some(leg.keep),
            gate: None,
            prizes: Some(StagePrizes { pot: self.amount(leg.pot)?, plan }),
        })
    }

    async fn rule_stage(
        &self,
        story: &Story,
        by: &str,
        stage: u32,
        lines: &[(&str, &str, &str)],
    ) -> Result<()> {
        let line = |(captain, points, reason): &(&str, &str, &str)| {
            let entry = self.entry(story, captain)?;
            Ok(StageScore { entry, score: score(points)?, reason: (*reason).to_owned() })
        };
        let lines = lines.iter().map(line).collect::<Result<_>>()?;
        let ruling = RuleStage { task: self.task(story)?, stage, summary: String::new(), lines };
        self.run(by, ruling).await
    }

    async fn draft(&mut self, story: &Story, rules: Rules) -> Result<()> {
        let create = CreateTask(self.content(story, rules)?);
        let task = self.market.run(&self.actor(story.poster).await?, create).await?;
        self.tasks.insert(story.key, task);
        Ok(())
    }

    async fn measure(&self, story: &Story, metric: MetricKind, key: &str) -> Result<()> {
        let (task, mut input) = (self.task(story)?, self.content(story, Rules::default())?);
        input.rules.judging = Judging::Metric(MetricRules::of(metric));
        self.run(story.poster, UpdateTask { task, input }).await?;
        let upload = KeyUpload { task, bytes: key.as_bytes().to_vec() };
        self.market.upload_answer_key(&self.actor(story.poster).await?, upload).await
    }

    async fn let_vote(&self, story: &Story, credits: Option<u32>, days: u32) -> Result<()> {
        let (task, mut input) = (self.task(story)?, self.content(story, Rules::default())?);
        let ballot = credits.map_or(Ballot::One, |credits| Ballot::Quadratic { credits });
        let seconds = days * 86_400;
        input.rules.judging = Judging::Vote(VoteRules { voters: Voters::Members, ballot, seconds });
        self.run(story.poster, UpdateTask { task, input }).await
    }

    async fn cast(&self, story: &Story, by: &str, votes: &[(&str, u32)]) -> Result<()> {
        let one = |(captain, votes): &(&str, u32)| {
            Ok(VotesFor { entry: self.entry(story, captain)?, votes: *votes })
        };
        let votes = votes.iter().map(one).collect::<Result<_>>()?;
        self.run(by, CastBallot { task: self.task(story)?, votes }).await
    }

    /// What the poster writes.
    fn content(&self, story: &Story, rules: Rules) -> Result<TaskInput> {
        let judges = story.judges.iter().map(|handle| self.person(handle)).collect::<Result<Vec<_>>>()?;
        let rules = Rules {
            plan: self.plan(story.plan)?,
            start: story.start.map(|start| self.start_prize(start)).transpose()?,
            mark: story.mark.map(score).transpose()?,
            judging: match rules.judging {
                Judging::Panel(panel) => Judging::Panel(panel),
                _ if judges.is_empty() => Judging::Poster,
                _ => Judging::Judges(judges),
            },
            growth: self.growth(story.plan)?,
            max_lanes: story.max_lanes,
            appeal_seconds: story.appeal_days * 86_400,
            entry: EntryRules { waiting_list: story.max_lanes.is_some(), ..EntryRules::default() },
            ..rules
        };
        Ok(TaskInput {
            title: story.title.to_owned(),
            brief: story.brief.to_owned(),
            criteria: story.criteria.to_owned(),
            visibility: story.visibility,
            source: self.source(story.purse)?,
            bounty: self.amount(story.bounty)?,
            closes_at: self.moment(story.closes),
            rules,
        })
    }

    async fn enter(
        &mut self,
        story: &Story,
        captain: &'static str,
        name: &str,
        units: &[(&str, u32)],
        crew: &[(&str, u32)],
    ) -> Result<()> {
        let crew =
            crew.iter().map(|(handle, share)| Ok(CrewShare { person: self.person(handle)?, share: *share }));
        let enter = EnterRace {
            task: self.task(story)?,
            name: Some(name.to_owned()),
            units: units
                .iter()
                .map(|(slug, share)| Ok(UnitShare { unit: self.unit(slug)?, share: *share }))
                .collect::<Result<_>>()?,
            crew: crew.collect::<Result<_>>()?,
        };
        let entry = self.market.run(&self.actor(captain).await?, enter).await?;
        self.entries.insert((story.key, captain), entry);
        Ok(())
    }

    async fn submit(
        &self,
        by: &str,
        entry: EntryId,
        body: &str,
        links: &[&str],
        files: &[Attachment],
    ) -> Result<()> {
        let file = |(name, media_type, content): &Attachment| FileInput {
            name: (*name).to_owned(),
            media_type: (*media_type).to_owned(),
            bytes: content.as_bytes().to_vec(),
        };
        let input = SubmitInput {
            entry,
            body: body.to_owned(),
            links: links.iter().map(|link| (*link).to_owned()).collect(),
            files: files.iter().map(file).collect(),
            evidence: Vec::new(),
        };
        self.market.submit_work(&self.actor(by).await?, None, input).await.map(drop)
    }

    async fn rule(&self, story: &Story, by: &str, summary: &str, lines: &[Line]) -> Result<()> {
        let line = |(captain, place, points, reason): &Line| {
            Ok(RulingLine {
                entry: self.entry(story, captain)?,
                place: *place,
                score: points.map(score).transpose()?,
                reason: (*reason).to_owned(),
            })
        };
        let lines = lines.iter().map(line).collect::<Result<_>>()?;
        self.run(by, RuleRace { task: self.task(story)?, summary: summary.to_owned(), lines }).await
    }

    async fn amend(&self, story: &Story, shares: &[u32], closes: Option<Time>, reason: &str) -> Result<()> {
        let poster = self.actor(story.poster).await?;
        let task = self.market.task(&poster, self.task(story)?).await?;
        let plan = PrizePlan::Ranked(Prizes::Shares(shares.to_vec()));
        let to = Amended {
            brief: task.brief,
            criteria: task.criteria,
            closes_at: closes.map_or(task.closes_at, |at| self.moment(at)),
            rules: Rules { plan, ..task.rules },
        };
        let amend = ProposeAmendment { task: task.id, to, reason: reason.to_owned(), answer_by: None };
        self.market.run(&poster, amend).await.map(drop)
    }

    async fn answer_amendment(&self, story: &Story, captain: &str, leaves: bool) -> Result<()> {
        let asker = self.actor(captain).await?;
        let amendments = self.market.amendments(&asker, self.task(story)?).await?;
        let open = amendments.iter().find(|one| one.may_answer).ok_or(Refusal::NotFound)?;
        let answer = if leaves { AmendmentAnswer::Leave } else { AmendmentAnswer::Consent };
        let entry = self.entry(story, captain)?;
        self.market.run(&asker, AnswerAmendment { amendment: open.id, entry, answer }).await
    }

    async fn answer(&self, story: &Story, by: &str, captain: &str, uphold: bool, answer: &str) -> Result<()> {
        let entry = self.entry(story, captain)?;
        let appeals = self.market.appeals(&self.actor(by).await?, self.task(story)?).await?;
        let open = appeals.iter().find(|appeal| appeal.entry == entry && appeal.verdict.is_none());
        let appeal = open.ok_or(Refusal::NotFound)?.id;
        self.run(by, AnswerAppeal { appeal, uphold, answer: answer.to_owned(), criterion: None }).await
    }

    async fn transfer(&self, by: &str, from: Purse, to: Holder, amount: &str, memo: &str) -> Result<()> {
        let from = match from {
            Purse::Unit(slug) => WalletOwner::Unit(self.unit(slug)?),
            Purse::Own => WalletOwner::Person(self.person(by)?),
            Purse::Programme(slug) => return Err(missing(slug)),
        };
        let to = match to {
            Holder::Person(handle) => WalletOwner::Person(self.person(handle)?),
            Holder::Unit(slug) => WalletOwner::Unit(self.unit(slug)?),
        };
        self.run(by, TransferTokens { from, to, amount: self.amount(amount)?, memo: memo.to_owned() }).await
    }

    async fn run<C: market::Command>(&self, by: &str, command: C) -> Result<()> {
        self.market.run(&self.actor(by).await?, command).await.map(drop)
    }

    /// The person with the roles and ties that they have by now.
    async fn actor(&self, handle: &str) -> Result<Actor> {
        self.market.actor(self.person(handle)?).await
    }

    fn moment(&self, at: Time) -> Moment {
        self.start.plus_seconds(at.0 * 60)
    }

    fn amount(&self, text: &str) -> Result<Amount> {
        Amount::parse(text, self.market.asset().scale).map_err(Refusal::fault)
    }

    fn plan(&self, plan: Plan) -> Result<PrizePlan> {
        Ok(match plan {
            Plan::Winner => PrizePlan::WinnerTakesAll,
            Plan::Shares(shares) => PrizePlan::Ranked(Prizes::Shares(shares.to_vec())),
            Plan::Amounts(amounts) => {
                let amounts = amounts.iter().map(|amount| self.amount(amount)).collect::<Result<_>>()?;
                PrizePlan::Ranked(Prizes::Amounts(amounts))
            }
            Plan::Threshold(places, prize) => PrizePlan::Threshold { places, prize: self.amount(prize)? },
            Plan::ByScore(cap) => PrizePlan::Proportional { cap },
            Plan::Metered { per_event, .. } => PrizePlan::Metered { per_event: self.amount(per_event)? },
        })
    }

    fn growth(&self, plan: Plan) -> Result<Option<Growth>> {
        let Plan::Metered { reserve, released, label, .. } = plan else { return Ok(None) };
        let (reserve, per_event) = (self.amount(reserve)?, self.amount(released)?);
        Ok(Some(Growth { reserve, per_event, label: label.to_owned() }))
    }

    fn start_prize(&self, (each, pool): (&str, &str)) -> Result<StartPrize> {
        Ok(StartPrize { each: self.amount(each)?, pool: self.amount(pool)? })
    }

    fn source(&self, purse: Purse) -> Result<Source> {
        Ok(match purse {
            Purse::Programme(slug) => Source::Programme(self.programme(slug)?),
            Purse::Own => Source::Person,
            Purse::Unit(slug) => Source::Unit(self.unit(slug)?),
        })
    }

    fn person(&self, handle: &str) -> Result<PersonId> {
        self.people.get(handle).copied().ok_or_else(|| missing(handle))
    }

    fn unit(&self, slug: &str) -> Result<UnitId> {
        self.units.get(slug).copied().ok_or_else(|| missing(slug))
    }

    fn programme(&self, slug: &str) -> Result<ProgrammeId> {
        self.programmes.get(slug).copied().ok_or_else(|| missing(slug))
    }

    fn task(&self, story: &Story) -> Result<TaskId> {
        self.tasks.get(story.key).copied().ok_or_else(|| missing(story.key))
    }

    fn entry(&self, story: &Story, captain: &str) -> Result<EntryId> {
        self.entries.get(&(story.key, captain)).copied().ok_or_else(|| missing(captain))
    }
}

/// A blind panel with this rubric, whose sheets are due after five days.
fn panel_of(judges: Vec<PersonId>, rubric: &[Criterion], quorum: u32) -> Panel {
    let line = |(name, description, weight): &Criterion| market::judging::Criterion {
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        weight: *weight,
    };
    Panel {
        judges,
        rubric: rubric.iter().map(line).collect(),
        blind: true,
        combine: Combine::TrimmedMean,
        quorum,
        sheet_seconds: 5 * 86_400,
    }
}

fn score(text: &str) -> Result<Score> {
    Score::parse(text).map_err(Refusal::because)
}

fn missing(name: &str) -> Refusal {
    Refusal::fault(format!("the demo world knows no {name}"))
}

/// The play can't go on: says where, and why, to whoever wrote it.
fn stuck(at: &str, refusal: &Refusal) -> Refusal {
    Refusal::fault(format!("the demo world is stuck at {at}: {refusal:?}"))
}
