//! Stages on the pages of a task: their fields in the form, their rules in plain words, and how they came out.
//!
//! Promises: field names are the market's; whatever a stage pays or closes is said before anybody enters. Must
//! never: decide who goes on.

use market::AssetView;
use market::award::Score;
use market::error::{Code, Problems};
use market::judging::{StageState, StageView};
use market::race::EntryView;
use market::task::{PrizePlan, Prizes, Rules, Stage, StagePrizes};

use super::kit::{Badge, Fact, Link, amount, basis_points, percent_typed, time, time_typed, tokens};
use super::names::Names;
use super::outcomes::{self, Outcomes};
use super::task_input::{list, whole};
use super::task_parts::entry_link;
use crate::format::{Tokens, When};
use crate::forms::Form;
use crate::i18n::key;
use crate::visit::Visit;
use crate::{markdown, urls};

/// So many stages the form has room for.
const SLOTS: usize = 3;

/// The names of the fields of one stage.
#[derive(Debug, Clone)]
pub struct StageFields {
    /// Its number, from 1.
    pub no: usize,
    /// What it is called.
    pub name: String,
    /// When it ends.
    pub ends_at: String,
    /// The time for its scores.
    pub judge: String,
    /// The least score.
    pub mark: String,
    /// How many go on.
    pub keep: String,
    /// The gate.
    pub gate: String,
    /// What it pays.
    pub pot: String,
    /// Its prizes.
    pub prizes: String,
}

/// The names of the fields of the stages that the form has room for.
pub(super) fn slots() -> Vec<StageFields> {
    (0..SLOTS).map(fields).collect()
}

fn fields(at: usize) -> StageFields {
    let field = |part: &str| format!("rules.stages.{at}.{part}");
    StageFields {
        no: at + 1,
        name: field("name"),
        ends_at: field("ends_at"),
        judge: field("judge_seconds"),
        mark: field("mark"),
        keep: field("keep"),
        gate: field("gate"),
        pot: field("prizes.pot"),
        prizes: field("prizes.plan"),
    }
}

/// Fills the fields. What a form has no room for (more stages, other plans) is written by the API only.
pub(super) fn fill(form: &mut Form, v: &Visit, asset: &AssetView, rules: &Rules) {
    form.set("rules.opens_at", rules.opens_at.map(|at| time_typed(v, at)).unwrap_or_default());
    let freeze = rules.freeze_seconds.map(|seconds| (seconds / 3_600).to_string());
    form.set("rules.freeze_seconds", freeze.unwrap_or_default());
    for (names, stage) in slots().iter().zip(&rules.stages) {
        let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
        form.set(&names.name, &stage.name);
        form.set(&names.ends_at, time_typed(v, stage.ends_at));
        form.set(&names.judge, (stage.judge_seconds / 3_600).to_string());
        form.set(&names.mark, stage.mark.map(Score::format).unwrap_or_default());
        form.set(&names.keep, number(stage.keep));
        form.set(&names.gate, number(stage.gate));
        let prizes = stage.prizes.as_ref();
        form.set(&names.pot, prizes.map(|prizes| prizes.pot.format(asset.scale)).unwrap_or_default());
        let shares = match prizes.map(|prizes| &prizes.plan) {
            Some(PrizePlan::Ranked(Prizes::Shares(shares))) => shares.clone(),
            Some(PrizePlan::WinnerTakesAll) => vec![10_000],
            _ => Vec::new(),
        };
        let shares: Vec<String> = shares.iter().map(|share| percent_typed(*share)).collect();
        form.set(&names.prizes, shares.join(", "));
    }
}

/// Start, stages and freeze as typed, if they can be read. A stage without a name and an end is none.
pub(super) fn read(form: &Form, asset: &AssetView, problems: &mut Problems, rules: Rules) -> Option<Rules> {
    let opens = form.given("rules.opens_at").map(|_| time(form, "rules.opens_at")).transpose();
    let opens_at = problems.keep("rules.opens_at", opens);
    let freeze = form.given("rules.freeze_seconds").map(|text| whole(text, 30 * 24)).transpose();
    let freeze = problems.keep("rules.freeze_seconds", freeze);
    let mut stages = Vec::new();
    for names in slots() {
        if form.given(&names.name).or(form.given(&names.ends_at)).is_some() {
            stages.push(stage(form, asset, problems, &names));
        }
    }
    let stages = stages.into_iter().collect::<Option<Vec<_>>>()?;
    let freeze_seconds = freeze?.filter(|hours| *hours > 0).map(|hours| hours * 3_600);
    Some(Rules { opens_at: opens_at?, freeze_seconds, stages, ..rules })
}

fn stage(form: &Form, asset: &AssetView, problems: &mut Problems, names: &StageFields) -> Option<Stage> {
    let ends_at = problems.keep(&names.ends_at, time(form, &names.ends_at));
    let judge = form.given(&names.judge).map_or(Ok(72), |text| whole(text, 30 * 24));
    let judge = problems.keep(&names.judge, judge);
    let mark = problems.keep(&names.mark, form.given(&names.mark).map(Score::parse).transpose());
    let mut lanes =
        |field: &str| problems.keep(field, form.given(field).map(|text| whole(text, 1_000)).transpose());
    let (keep, gate) = (lanes(&names.keep), lanes(&names.gate));
    let pot = form.given(&names.pot).map(|_| amount(form, &names.pot, asset)).transpose();
    let pot = problems.keep(&names.pot, pot);
    let shares: Result<Vec<u32>, Code> = list(form.value(&names.prizes)).map(basis_points).collect();
    let shares = problems.keep(&names.prizes, shares);
    let (pot, shares) = (pot?, shares?);
    let prizes = pot.map(|pot| StagePrizes { pot, plan: PrizePlan::Ranked(Prizes::Shares(shares)) });
    let name = form.value(&names.name).trim().to_owned();
    Some(Stage {
        name,
        ends_at: ends_at?,
        judge_seconds: judge? * 3_600,
        mark: mark?,
        keep: keep?,
        gate: gate?,
        prizes,
    })
}

/// A stage on the task's page.
#[derive(Debug)]
pub struct StageBlock {
    /// Its number.
    pub no: u32,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub badge: Badge,
    /// When it ends.
    pub ends: When,
    /// Until when its scores are due.
    pub judged_until: When,
    /// Who goes on, in words.
    pub cut: String,
    /// What it pays.
    pub pot: Option<Tokens>,
    /// What each place of it gets.
    pub table: Option<Outcomes>,
    /// Who gave the scores: nobody where the clock cut.
    pub by: Option<Link>,
    /// When it was cut.
    pub cut_at: Option<When>,
    /// Its record.
    pub record: Option<String>,
    /// The reasons for the whole, as safe HTML.
    pub summary: String,
    /// Whether the race stopped there.
    pub stopped: bool,
    /// How it came out.
    pub lines: Vec<StageRow>,
}

/// How a stage came out for one lane.
#[derive(Debug, Clone)]
pub struct StageRow {
    /// Its place.
    pub place: Option<u32>,
    /// The entry.
    pub name: Link,
    /// Its score.
    pub score: Option<String>,
    /// What it got.
    pub award: Tokens,
    /// Whether it was closed there.
    pub cut: bool,
    /// Why.
    pub reason: String,
}

/// The block of a stage, with its token table for so many entries while it is not over.
pub(super) fn block(
    v: &Visit,
    asset: &AssetView,
    names: &Names,
    entries: &[EntryView],
    rules: &Rules,
    view: &StageView,
) -> StageBlock {
    let stage = &view.stage;
    let imagined = u32::try_from(entries.len()).unwrap_or(u32::MAX).clamp(3, 20);
    let over = view.state == StageState::Done;
    let table = stage
        .prizes
        .as_ref()
        .filter(|_| !over)
        .map(|prizes| outcomes::outcomes(v, &stage.alone(rules), prizes.pot, imagined, asset));
    let line = |line: &market::judging::StageLineView| StageRow {
        place: line.place,
        name: entry_link(entries, line.entry),
        score: line.score.map(Score::format),
        award: tokens(asset, line.award),
        cut: line.cut,
        reason: line.reason.clone(),
    };
    StageBlock {
        no: view.no,
        name: stage.name.clone(),
        badge: badge(view.state),
        ends: v.when(stage.ends_at),
        judged_until: v.when(stage.judged_until()),
        cut: cut(v, stage),
        pot: stage.prizes.as_ref().map(|prizes| tokens(asset, prizes.pot)),
        table,
        by: view.by.map(|by| names.person(by)),
        cut_at: view.cut_at.map(|at| v.when(at)),
        record: view.record.map(urls::record),
        summary: markdown::to_html(&view.summary),
        stopped: view.stopped,
        lines: view.lines.iter().map(line).collect(),
    }
}

/// A stage's rules in one line of words.
pub(super) fn fact(v: &Visit, asset: &AssetView, rules: &Rules, stage: &Stage, no: u32) -> Fact {
    let ends = v.t2(
        key("stage-ends-judged"),
        "ends",
        v.when(stage.ends_at).exact,
        "judged",
        v.when(stage.judged_until()).exact,
    );
    let mut said = vec![ends.into_owned(), cut(v, stage)];
    if let Some(prizes) = &stage.prizes {
        let plan = super::rules::plan(v, &stage.alone(rules), asset);
        said.push(v.t2(key("stage-pays"), "pot", tokens(asset, prizes.pot), "plan", plan).into_owned());
    }
    let label = v.t2(key("stage-named"), "number", no, "name", &stage.name);
    Fact::new(label, said.join(v.t(key("sentence-gap")).as_ref()))
}

fn badge(state: StageState) -> Badge {
    match state {
        StageState::Coming => Badge { tone: "", label: key("stage-coming") },
        StageState::Running => Badge { tone: "go", label: key("stage-running") },
        StageState::Judging => Badge { tone: "wait", label: key("stage-judging") },
        StageState::Done => Badge { tone: "", label: key("stage-done") },
    }
}

/// Who goes on, in words.
fn cut(v: &Visit, stage: &Stage) -> String {
    let mark = stage.mark.map(|mark| v.t1(key("stage-mark"), "mark", mark.format()));
    let keep = stage.keep.map(|keep| v.tn(key("stage-keep"), keep));
    let gate = stage.gate.map(|gate| v.tn(key("stage-gate"), gate));
    let none = (!stage.cuts()).then(|| v.t(key("stage-no-cut")));
    let said: Vec<_> = [mark, keep, gate, none].into_iter().flatten().collect();
    said.join(v.t(key("sentence-gap")).as_ref())
}

#[cfg(test)]
pub(super) fn sample(v: &Visit) -> StageBlock {
    let code = |minor| Tokens::new(minor, 2, "SAI");
    StageBlock {
        no: 1,
        name: "Paper <design>".to_owned(),
        badge: badge(StageState::Done),
        ends: v.when(v.now.plus_seconds(-86_400)),
        judged_until: v.when(v.now),
        cut: "The best 2 go on.".to_owned(),
        pot: Some(code(100_000)),
        table: Some(super::task_parts::samples::outcomes(v)),
        by: None,
        cut_at: Some(v.when(v.now)),
        record: Some(urls::task("abc")),
        summary: "<p>Close.</p>".to_owned(),
        stopped: true,
        lines: vec![StageRow {
            place: Some(1),
            name: Link::new("Red & Blue", urls::entry("1")),
            score: Some("80.00".to_owned()),
            award: code(50_000),
            cut: true,
            reason: "Thin <on> tests.".to_owned(),
        }],
    }
}
