//! A still picture of a race, for places where its address is shared.
//!
//! Promises: it shows what a visitor may see and nothing else, whoever asks for it; the same picture is drawn once
//! while nothing changes. Must never: be there for a task that visitors can't see.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::http::header;
use actix_web::web::{Bytes, Data, Path, block};
use actix_web::{HttpRequest, HttpResponse};
use market::task::{TaskState, TaskView};
use market::{Actor, Market, Refusal, TaskId};

use super::kit::{Address, asked, name, tokens};
use super::live;
use super::track::{PictureLane, RaceBlock, horse};
use crate::canvas::{Canvas, Ink, Side, width};
use crate::conditional;
use crate::errors::Answer;
use crate::format;
use crate::i18n::{Locale, key};
use crate::urls;
use crate::visit::Visit;
use crate::zone::Zone;

/// Its size, as sites that show addresses ask for it.
pub const WIDTH: u32 = 1_200;
/// Its height.
pub const HEIGHT: u32 = 630;
/// Most pictures that are kept.
const KEPT: usize = 64;
/// Most lanes that it shows.
const LANES: usize = 5;

const TURF: Ink = (11, 74, 44, 255);
const LANE: Ink = (17, 96, 59, 255);
const INK: Ink = (244, 250, 246, 255);
const MUTED: Ink = (185, 216, 198, 255);
const GOLD: Ink = (242, 193, 78, 255);
const HORSE: Ink = (233, 226, 211, 255);
const FAINT: Ink = (233, 226, 211, 170);
const BOOT: Ink = (29, 43, 36, 255);
const FACE: Ink = (217, 160, 122, 255);
const DARK: Ink = (6, 33, 21, 255);
/// The colours of the riders, as in the style sheet.
const SILKS: [Ink; 8] = [
    (229, 72, 77, 255),
    (247, 247, 245, 255),
    (76, 141, 255, 255),
    (255, 216, 77, 255),
    (177, 140, 255, 255),
    (255, 154, 61, 255),
    (82, 214, 208, 255),
    (255, 143, 199, 255),
];

/// Pictures that were drawn, by task and language, each with its entity tag.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<HashMap<(TaskId, Locale), (String, Bytes)>>);

impl Pictures {
    fn find(&self, key: (TaskId, Locale), etag: &str) -> Option<Bytes> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(&key).filter(|(known, _)| known == etag).map(|(_, png)| png.clone())
    }

    fn keep(&self, key: (TaskId, Locale), etag: &str, png: &Bytes) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT && !kept.contains_key(&key) {
            kept.clear();
        }
        kept.insert(key, (etag.to_owned(), png.clone()));
    }
}

/// What is written on it.
#[derive(Debug, Clone)]
struct Words {
    house: String,
    title: String,
    bounty: String,
    /// What the race is doing, and how much time is left.
    state: String,
}

/// `GET /tasks/{handle}/picture.png`, in the language of `?lang=`.
///
/// # Errors
/// Not found, for tasks that visitors can't see.
pub async fn show(
    v: Visit,
    market: Data<Market>,
    pictures: Data<Pictures>,
    path: Path<String>,
    address: Address,
    request: HttpRequest,
) -> Answer {
    let handle = name(&path)?;
    let locale = asked(address).given("lang").and_then(Locale::from_tag).unwrap_or(v.locale);
    let v = Visit { actor: Actor::Visitor, zone: Zone::utc(), locale, ..v };
    let watch = market.watch(&v.actor, handle).await?;
    let pulses = market.pulses(&[watch.task]).await?;
    let pulse = pulses.get(&watch.task).ok_or(Refusal::NotFound)?;
    // Time runs on: a picture is good for an hour, and until the race looks otherwise.
    let etag = format!("\"{}-{}-{}\"", hex::encode(pulse), v.now.0 / 3_600_000_000, locale.tag());
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, etag.clone()))
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        // Other sites show it: that is what it is for.
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
    if conditional::has(request.headers(), &etag) {
        return Ok(response.status(actix_web::http::StatusCode::NOT_MODIFIED).finish());
    }
    let key = (watch.task, locale);
    let png = match pictures.find(key, &etag) {
        Some(png) => png,
        None => {
            let task = market.task_by_handle(&v.actor, handle).await?;
            let race = live::race(&v, &market, &task).await?;
            let words = words(&v, &market, &task, &race);
            let png = block(move || draw(&words, &race)).await.map_err(Refusal::fault)?;
            let png = Bytes::from(png.ok_or_else(|| Refusal::fault("a picture could not be drawn"))?);
            pictures.keep(key, &etag, &png);
            png
        }
    };
    Ok(response.insert_header((header::CONTENT_TYPE, "image/png")).body(png))
}

/// Where the picture of a task is, in a language.
pub fn address(handle: &str, locale: Locale) -> String {
    urls::with_query(urls::task_picture(handle), &[("lang", locale.tag())])
}

/// For the program to keep pictures in.
pub fn kept() -> Arc<Pictures> {
    Arc::default()
}

fn words(v: &Visit, market: &Market, task: &TaskView, race: &RaceBlock) -> Words {
    let left = u64::try_from(task.closes_at.seconds_since(v.now)).unwrap_or(0);
    let left = (task.state == TaskState::Open && left > 0)
        .then(|| v.t1(key("picture-left"), "time", format::duration(v.locale, left)));
    let state = left.map_or_else(|| v.t(race.phase).into_owned(), |left| left.into_owned());
    Words {
        house: market.settings().house.clone(),
        title: task.title.clone(),
        bounty: tokens(market.asset(), task.bounty).to_string(),
        state,
    }
}

#[allow(clippy::float_arithmetic, reason = "places of pixels, never tokens")]
fn draw(words: &Words, race: &RaceBlock) -> Option<Vec<u8>> {
    let mut canvas = Canvas::new(WIDTH, HEIGHT, TURF)?;
    canvas.path(horse::NEAR[1], (60.0, 34.0), 0.62, GOLD);
    for part in [horse::NEAR[0], horse::NEAR[2], horse::FAR] {
        canvas.path(part, (60.0, 34.0), 0.62, GOLD);
    }
    canvas.text(&fitted(&words.house, 28.0, 900.0), (140.0, 66.0), 28.0, Side::Start, MUTED);
    let lines = wrapped(&words.title, 54.0, 1_080.0);
    for (line, y) in lines.iter().zip([142.0, 208.0]) {
        canvas.text(line, (60.0, y), 54.0, Side::Start, INK);
    }
    let y = if lines.len() > 1 { 270.0 } else { 206.0 };
    canvas.text(&words.bounty, (60.0, y), 44.0, Side::Start, GOLD);
    let beside = 60.0 + width(&words.bounty, 44.0) + 36.0;
    canvas.text(&fitted(&words.state, 30.0, 1_140.0 - beside), (beside, y - 3.0), 30.0, Side::Start, MUTED);
    let lanes = &race.picture.lanes;
    let shown = lanes.iter().filter(|lane| !lane.out).take(LANES);
    let mut top = y + 34.0;
    let high = ((600.0 - top) / 5.0_f32).clamp(50.0, 66.0);
    for lane in shown {
        lane_at(&mut canvas, lane, top, high - 6.0);
        top += high;
    }
    let (mut at, mut dark) = (y + 34.0, false);
    while at < top - 6.0 {
        let (one, other) = if dark { (DARK, INK) } else { (INK, DARK) };
        let high = 9.0_f32.min(top - 6.0 - at);
        canvas.bar((1_080.0, at), (9.0, high), one);
        canvas.bar((1_089.0, at), (9.0, high), other);
        (at, dark) = (at + 9.0, !dark);
    }
    canvas.png()
}

#[allow(clippy::float_arithmetic, reason = "places of pixels, never tokens")]
fn lane_at(canvas: &mut Canvas, lane: &PictureLane, top: f32, high: f32) {
    canvas.bar((60.0, top), (1_080.0, high), LANE);
    let silk = usize::try_from(lane.silk).ok().and_then(|silk| SILKS.get(silk.saturating_sub(1)));
    let silk = silk.copied().unwrap_or(INK);
    canvas.bar((72.0, top + 10.0), (34.0, 28.0), silk);
    let number = lane.number.to_string();
    canvas.text(&number, (89.0 - width(&number, 22.0) / 2.0, top + 32.0), 22.0, Side::Start, DARK);
    canvas.text(&fitted(&lane.name, 22.0, 330.0), (120.0, top + 32.0), 22.0, Side::Start, INK);
    let told = lane.prize.as_ref().unwrap_or(&lane.told);
    let ink = if lane.prize.is_some() { GOLD } else { MUTED };
    canvas.text(&fitted(told, 20.0, 190.0), (1_068.0, top + 32.0), 20.0, Side::End, ink);
    // Between the names and the finishing line.
    let far = f32::from(u16::try_from(lane.run.0).unwrap_or(0)) / 780.0;
    let nose = 520.0 + 350.0 * far.min(1.0);
    canvas.bar((460.0, top + high - 8.0), (nose - 470.0, 3.0), MUTED);
    let scale = high / 68.0;
    let at = (nose - 95.0 * scale, top + 2.0);
    canvas.path(horse::FAR, at, scale, FAINT);
    for part in horse::NEAR {
        canvas.path(part, at, scale, HORSE);
    }
    canvas.path(horse::BOOT, at, scale, BOOT);
    canvas.disc((at.0 + 64.3 * scale, at.1 + 5.6 * scale), 3.6 * scale, FACE);
    for part in horse::SILK {
        canvas.path(part, at, scale, silk);
    }
}

/// As much of a text as fits.
fn fitted(text: &str, size: f32, room: f32) -> String {
    if width(text, size) <= room {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while !kept.is_empty() && width(&format!("{kept}…"), size) > room {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

/// A text in two lines at most, broken between words where there are any.
fn wrapped(text: &str, size: f32, room: f32) -> Vec<String> {
    if width(text, size) <= room {
        return vec![text.to_owned()];
    }
    let ends: Vec<usize> = text.char_indices().map(|(at, letter)| at + letter.len_utf8()).collect();
    let most = ends.iter().copied().take_while(|end| width(&text[..*end], size) <= room).last().unwrap_or(0);
    let word = text[..most].rfind(' ').filter(|at| *at > most / 2).unwrap_or(most);
    vec![text[..word].to_owned(), fitted(text[word..].trim_start(), size, room)]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use super::*;
    use crate::pages::track::samples;
    use crate::visit::samples::visitor;

    #[test]
    fn long_titles_are_broken_and_cut_in_both_languages() {
        let english = "word ".repeat(60);
        let chinese = "赛马小微专项".repeat(20);
        for title in [&english, &chinese] {
            let lines = wrapped(title, 54.0, 1_080.0);
            assert_eq!(lines.len(), 2);
            assert!(lines.iter().all(|line| width(line, 54.0) <= 1_080.0), "{lines:?}");
            assert!(lines[1].ends_with('…'));
        }
        assert_eq!(wrapped("A faster parser", 54.0, 1_080.0), ["A faster parser"]);
    }

    #[test]
    fn a_race_is_drawn_with_or_without_lanes() {
        let v = visitor(Locale::ZhCn);
        let words = Words {
            house: "Saima".to_owned(),
            title: "让网关的启动时间减半 <b>".to_owned(),
            bounty: "12,500.00 SAI".to_owned(),
            state: "还剩 3 天".to_owned(),
        };
        let full = draw(&words, &samples::race(&v, true)).unwrap();
        let empty = draw(&words, &samples::empty(&v)).unwrap();
        assert!(full.len() > empty.len() && full.len() < 200_000, "{} and {}", full.len(), empty.len());
        if let Some(folder) = std::env::var_os("SAIMA_PREVIEW") {
            std::fs::write(std::path::Path::new(&folder).join("picture.png"), full).unwrap();
        }
    }
}
