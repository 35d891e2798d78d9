//! The stories of the demo world: at least one task in every state that a task can be in.

mod amended;
mod chain;
mod decided;
mod ended;
mod measured;
mod paid;
mod panel;
mod running;
mod scored;
mod staged;
mod voted;

use crate::story::Story;

/// All of them.
pub(crate) fn all() -> Vec<Story> {
    let mut stories = paid::all();
    stories.extend(ended::all());
    stories.extend(decided::all());
    stories.extend(running::all());
    stories.extend(scored::all());
    stories.extend(measured::all());
    stories.extend(staged::all());
    stories.extend(voted::all());
    stories.extend(chain::all());
    stories.extend(panel::all());
    stories.extend(amended::all());
    stories
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::cast::PEOPLE;
    use crate::story::Scene;

    #[test]
    fn everybody_in_a_story_is_in_the_cast() {
        let cast: HashSet<&str> = PEOPLE.iter().map(|player| player.handle).collect();
        for story in all() {
            assert!(cast.contains(story.poster), "{}", story.poster);
            for (_, scene) in &story.scenes {
                if let Scene::Enter { captain, crew, .. } = scene {
                    assert!(cast.contains(captain), "{captain}");
                    assert!(crew.iter().all(|(handle, _)| cast.contains(handle)), "{crew:?}");
                }
            }
        }
    }

    #[test]
    fn the_scenes_of_a_story_are_told_in_order() {
        for story in all() {
            assert!(story.scenes.is_sorted_by_key(|(at, _)| *at), "{}", story.key);
        }
    }

    #[test]
    fn stories_have_names_of_their_own() {
        let keys: HashSet<&str> = all().iter().map(|story| story.key).collect();
        assert_eq!(keys.len(), all().len());
    }
}
