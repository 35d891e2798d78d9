//! Who watches which race, and when there is something new to see.
//!
//! Promises: a stream costs a place in a list and two timers, no thread and no connection to the database; one
//! question a second to the market for all races that are watched here, however many watch; it tells that a race
//! looks otherwise and never how, so that everybody fetches what they may see; it is bounded for each person, for
//! the visitors of each address, and in all. Must never: keep a stream for longer than [`LONGEST`]; who begins anew is asked again who they are.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use actix_web::web::Bytes;
use futures::stream::{self, Stream};
use market::race::{Pulse, Stand};
use market::{Market, PersonId, TaskId};
use tokio::sync::{OnceCell, watch};
use tokio::time::{Instant, sleep_until};

use crate::i18n::Locale;

/// How long a stream is silent before it says that it is still there.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Longest life of a stream, give or take a little.
pub const LONGEST: Duration = Duration::from_secs(180);
/// Pieces are made anew after so many beats, for they tell how long ago something was.
const FRESH: u32 = 30;

/// How many streams there may be.
#[derive(Debug, Clone, Copy)]
pub struct Most {
    /// In all.
    pub streams: usize,
    /// Of visitors from one address.
    pub each: usize,
    /// Of one person, wherever they are.
    pub own: usize,
}

impl Default for Most {
    fn default() -> Self {
        Self { streams: 5_000, each: 500, own: 24 }
    }
}

/// On whose account a stream is. Who has signed in takes no place from others behind the same address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Whose {
    /// A person's.
    Person(PersonId),
    /// Visitors' from an address.
    Visitors(IpAddr),
}

/// Why somebody can't listen now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// All places are taken, or the program is stopping.
    House,
    /// This person, or this address, has taken their share of them.
    Share,
}

/// A rendered piece of a page, as everybody on one stand sees it.
#[derive(Debug)]
pub struct Piece {
    /// The piece.
    pub html: String,
    /// Its entity tag.
    pub etag: String,
}

/// For whom a piece is: from where they look, in which language, in which zone.
pub type For = (Stand, Locale, String);

/// Most pieces of one race that are kept.
const MOST_PIECES: usize = 64;

/// A piece, made once by whoever asks first.
pub type Cell = Arc<OnceCell<Piece>>;

/// The streams of this program.
#[derive(Debug)]
pub struct Live {
    most: Most,
    house: Mutex<House>,
}

#[derive(Debug, Default)]
struct House {
    races: HashMap<TaskId, Watched>,
    handles: HashMap<String, TaskId>,
    shares: HashMap<Whose, usize>,
    streams: usize,
    closed: bool,
}

/// A race that is watched.
#[derive(Debug)]
struct Watched {
    handle: String,
    beat: watch::Sender<Beat>,
    streams: usize,
    pieces: HashMap<For, Cell>,
    age: u32,
}

/// What is known of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Beat {
    /// What it looks like; nothing once nobody may look.
    pulse: Option<Pulse>,
    /// How many watch.
    streams: usize,
}

/// Somebody who watches.
#[derive(Debug)]
pub struct Listener {
    live: Arc<Live>,
    task: TaskId,
    whose: Option<Whose>,
    beats: watch::Receiver<Beat>,
}

impl Live {
    /// For so many.
    pub fn new(most: Most) -> Arc<Self> {
        Arc::new(Self { most, house: Mutex::default() })
    }

    fn house(&self) -> MutexGuard<'_, House> {
        self.house.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for who may see this race, which looks like `pulse` now.
    ///
    /// # Errors
    /// When there is none.
    pub fn listen(
        self: &Arc<Self>,
        (task, handle): (TaskId, &str),
        whose: Option<Whose>,
        pulse: Pulse,
    ) -> Result<Listener, Full> {
        let mut house = self.house();
        if house.closed || house.streams >= self.most.streams {
            return Err(Full::House);
        }
        if let Some(whose) = whose {
            let most = match whose {
                Whose::Person(_) => self.most.own,
                Whose::Visitors(_) => self.most.each,
            };
            let taken = house.shares.entry(whose).or_default();
            if *taken >= most {
                return Err(Full::Share);
            }
            *taken += 1;
        }
        house.streams += 1;
        house.handles.insert(handle.to_owned(), task);
        let watched = house.races.entry(task).or_insert_with(|| Watched {
            handle: handle.to_owned(),
            beat: watch::Sender::new(Beat { pulse: Some(pulse), streams: 0 }),
            streams: 0,
            pieces: HashMap::new(),
            age: 0,
        });
        watched.streams += 1;
        let beats = watched.beat.subscribe();
        drop(house);
        Ok(Listener { live: Arc::clone(self), task, whose, beats })
    }

    /// The piece of a race that is watched, as it is shown there: empty until somebody made it. It is another one
    /// as soon as the race looks otherwise. Nothing for races that nobody watches: then nothing is kept.
    pub fn cell(&self, task: TaskId, shown: For) -> Option<Cell> {
        let mut house = self.house();
        let watched = house.races.get_mut(&task)?;
        // There are hundreds of zones that a reader can name: those past the first few are not kept for.
        if watched.pieces.len() >= MOST_PIECES && !watched.pieces.contains_key(&shown) {
            return None;
        }
        Some(Arc::clone(watched.pieces.entry(shown).or_default()))
    }

    /// A piece for visitors that was made before, for a race that is known by its handle alone.
    pub fn for_visitors(&self, handle: &str, locale: Locale, zone: String) -> Option<Cell> {
        let house = self.house();
        let watched = house.races.get(house.handles.get(handle)?)?;
        let cell = watched.pieces.get(&(Stand::Visitor, locale, zone))?;
        cell.initialized().then(|| Arc::clone(cell))
    }

    /// Looks once at all races that are watched, and tells those who watch them.
    ///
    /// # Errors
    /// When the market can't say.
    pub async fn beat(&self, market: &Market) -> market::Result<()> {
        let watched: Vec<TaskId> = self.house().races.keys().copied().collect();
        let pulses = market.pulses(&watched).await?;
        let mut house = self.house();
        for task in watched {
            let Some(watched) = house.races.get_mut(&task) else { continue };
            let beat = Beat { pulse: pulses.get(&task).copied(), streams: watched.streams };
            let changed = watched.beat.borrow().pulse != beat.pulse;
            watched.age += 1;
            if changed || watched.age >= FRESH {
                watched.pieces.clear();
                watched.age = 0;
            }
            if changed {
                watched.beat.send_replace(beat);
            }
        }
        Ok(())
    }

    /// Ends all streams, and takes no more.
    pub fn close(&self) {
        let mut house = self.house();
        house.closed = true;
        // Whoever listens learns that nobody tells any more.
        house.races.clear();
    }

    /// How many listen.
    pub fn streams(&self) -> usize {
        self.house().streams
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut house = self.live.house();
        house.streams = house.streams.saturating_sub(1);
        if let Some(whose) = self.whose
            && let Some(taken) = house.shares.get_mut(&whose)
        {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                house.shares.remove(&whose);
            }
        }
        let Some(watched) = house.races.get_mut(&self.task) else { return };
        watched.streams = watched.streams.saturating_sub(1);
        if watched.streams == 0 {
            let handle = std::mem::take(&mut watched.handle);
            house.races.remove(&self.task);
            house.handles.remove(&handle);
        }
    }
}

/// What a stream goes on with.
struct Going {
    listener: Listener,
    /// What was told last, or what the browser knew when it came back.
    told: Option<Pulse>,
    begun: bool,
    ends: Instant,
}

/// The events of one stream (WHATWG HTML, server-sent events): `race` with the pulse as its id, whenever the race
/// looks otherwise than it did for `known`; in between a comment, so that nobody on the way thinks it dead.
pub fn events(
    listener: Listener,
    known: Option<Pulse>,
    life: Duration,
) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
    let going = Going { listener, told: known, begun: false, ends: Instant::now() + life };
    stream::unfold(Some(going), |going| async move {
        let mut going = going?;
        if !going.begun {
            going.begun = true;
            let beat = *going.listener.beats.borrow_and_update();
            let first = match beat.pulse {
                // Who comes for the first time has just been given the page.
                Some(pulse) if going.told.is_none() => {
                    going.told = Some(pulse);
                    format!("retry: 3000\nid: {}\ndata:\n\n", hex::encode(pulse))
                }
                Some(pulse) if going.told != Some(pulse) => {
                    going.told = Some(pulse);
                    format!("retry: 3000\n{}", event(pulse, beat.streams))
                }
                _ => "retry: 3000\n: here\n\n".to_owned(),
            };
            return Some((Ok(Bytes::from(first)), Some(going)));
        }
        loop {
            let beat = (Instant::now() + HEARTBEAT).min(going.ends);
            tokio::select! {
                changed = going.listener.beats.changed() => {
                    if changed.is_err() {
                        return None;
                    }
                    let beat = *going.listener.beats.borrow_and_update();
                    // Nobody may look any more: there is nothing to be told.
                    let pulse = beat.pulse?;
                    if going.told == Some(pulse) {
                        continue;
                    }
                    going.told = Some(pulse);
                    return Some((Ok(Bytes::from(event(pulse, beat.streams))), Some(going)));
                }
                () = sleep_until(beat) => {
                    if Instant::now() >= going.ends {
                        return None;
                    }
                    return Some((Ok(Bytes::from_static(b": here\n\n")), Some(going)));
                }
            }
        }
    })
}

/// The event. The more watch, the longer it takes until all of them have asked for the race: a millisecond each.
fn event(pulse: Pulse, streams: usize) -> String {
    let spread = streams.clamp(100, 4_000);
    format!("id: {}\nevent: race\ndata: {spread}\n\n", hex::encode(pulse))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may fail loudly")]
    use futures::StreamExt as _;
    use uuid::Uuid;

    use super::*;

    const TASK: TaskId = TaskId(Uuid::from_u128(1));
    const PULSE: Pulse = [7; 8];

    fn live(streams: usize, each: usize) -> Arc<Live> {
        Live::new(Most { streams, each, own: 2 })
    }

    fn listen(live: &Arc<Live>, last: u8) -> Result<Listener, Full> {
        live.listen((TASK, "abc"), Some(Whose::Visitors(IpAddr::from([127, 0, 0, last]))), PULSE)
    }

    fn change(live: &Live, pulse: Option<Pulse>) {
        live.house().races[&TASK].beat.send_replace(Beat { pulse, streams: 3 });
    }

    #[test]
    fn places_are_bounded_for_an_address_and_in_all_and_come_back() {
        let live = live(3, 2);
        let (one, _two) = (listen(&live, 1).unwrap(), listen(&live, 1).unwrap());
        assert_eq!(listen(&live, 1).unwrap_err(), Full::Share);
        let _three = listen(&live, 2).unwrap();
        assert_eq!(listen(&live, 3).unwrap_err(), Full::House);
        drop(one);
        assert_eq!(live.streams(), 2);
        assert!(listen(&live, 1).is_ok());
    }

    #[test]
    fn who_has_signed_in_neither_takes_the_places_of_others_nor_lacks_one_for_them() {
        let live = live(9, 1);
        let person = |id: u128| {
            let whose = Whose::Person(PersonId(Uuid::from_u128(id)));
            live.listen((TASK, "abc"), Some(whose), PULSE)
        };
        let _visitor = listen(&live, 1).unwrap();
        let (_one, two) = (person(1).unwrap(), person(1).unwrap());
        assert_eq!(person(1).unwrap_err(), Full::Share, "so many tabs are enough");
        assert!(person(2).is_ok() && listen(&live, 2).is_ok());
        drop(two);
        assert!(person(1).is_ok());
    }

    #[actix_web::test]
    async fn a_change_is_told_once_and_the_end_as_well() {
        let live = live(9, 9);
        let mut stream = Box::pin(events(listen(&live, 1).unwrap(), None, LONGEST));
        let first = stream.next().await.unwrap().unwrap();
        assert!(!first.starts_with(b"event") && first.windows(16).any(|part| part == b"0707070707070707"));
        change(&live, Some(PULSE));
        change(&live, Some([8; 8]));
        let told = stream.next().await.unwrap().unwrap();
        assert_eq!(told, "id: 0808080808080808\nevent: race\ndata: 100\n\n");
        change(&live, None);
        assert!(stream.next().await.is_none(), "nobody may look any more");
        drop(stream);
        assert_eq!(live.streams(), 0);
    }

    #[actix_web::test]
    async fn who_comes_back_is_told_what_was_missed_and_nothing_else() {
        let live = live(9, 9);
        let mut missed = Box::pin(events(listen(&live, 1).unwrap(), Some([6; 8]), LONGEST));
        assert!(String::from_utf8_lossy(&missed.next().await.unwrap().unwrap()).contains("event: race"));
        let mut same = Box::pin(events(listen(&live, 1).unwrap(), Some(PULSE), LONGEST));
        assert!(!String::from_utf8_lossy(&same.next().await.unwrap().unwrap()).contains("event"));
    }

    #[actix_web::test]
    async fn a_stream_ends_with_its_life_and_with_the_house() {
        let live = live(9, 9);
        let mut short = Box::pin(events(listen(&live, 1).unwrap(), None, Duration::from_millis(5)));
        assert!(short.next().await.is_some());
        assert!(short.next().await.is_none());
        let mut long = Box::pin(events(listen(&live, 1).unwrap(), None, LONGEST));
        assert!(long.next().await.is_some());
        live.close();
        assert!(long.next().await.is_none());
        assert_eq!(listen(&live, 1).unwrap_err(), Full::House);
    }
}
