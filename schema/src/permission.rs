//! Permission as data: what the asker can do with a task now, and if not, why.

use async_graphql::{Object, SimpleObject};
use market::{Act, Code, Refusal};

use crate::refusal::code_name;

/// Whether the asker can do something now.
#[derive(SimpleObject)]
pub(crate) struct Permission {
    /// Whether it would be done.
    allowed: bool,
    /// Why not, in plain English; null when allowed.
    reason: Option<String>,
    /// Why not, for programs, as in `userErrors`; `NOT_FOUND` for what is not the asker's to do. Null when allowed.
    code: Option<String>,
}

/// What the asker can do with a task.
pub(crate) struct TaskPermissions(pub(crate) Vec<(Act, Option<Code>)>);

/// What the asker can do with a task now. Each field bears the name of its mutation.
#[Object]
impl TaskPermissions {
    /// Change the draft.
    async fn update_task(&self) -> Permission {
        self.to(Act::UpdateTask)
    }

    /// Throw the draft away.
    async fn delete_draft(&self) -> Permission {
        self.to(Act::DeleteDraft)
    }

    /// Open the race.
    async fn publish_task(&self) -> Permission {
        self.to(Act::PublishTask)
    }

    /// Add to the bounty.
    async fn boost_task(&self) -> Permission {
        self.to(Act::BoostTask)
    }

    /// Move the deadline to a later time.
    async fn extend_deadline(&self) -> Permission {
        self.to(Act::ExtendDeadline)
    }

    /// Call the race off.
    async fn cancel_task(&self) -> Permission {
        self.to(Act::CancelTask)
    }

    /// Propose to amend the rules.
    async fn propose_amendment(&self) -> Permission {
        self.to(Act::ProposeAmendment)
    }

    /// Ask something.
    async fn ask_question(&self) -> Permission {
        self.to(Act::AskQuestion)
    }

    /// Make something clear.
    async fn clarify_task(&self) -> Permission {
        self.to(Act::ClarifyTask)
    }

    /// Enter the race.
    async fn enter_race(&self) -> Permission {
        self.to(Act::EnterRace)
    }

    /// Invite people and units.
    async fn invite_to_race(&self) -> Permission {
        self.to(Act::InviteToRace)
    }

    /// Rule the race.
    async fn rule_race(&self) -> Permission {
        self.to(Act::RuleRace)
    }

    /// Upload the answer key of a draft that the server shall measure.
    async fn upload_answer_key(&self) -> Permission {
        self.to(Act::UploadAnswerKey)
    }

    /// Give the scores of a stage that has ended.
    async fn rule_stage(&self) -> Permission {
        self.to(Act::RuleStage)
    }

    /// Vote on the race.
    async fn cast_ballot(&self) -> Permission {
        self.to(Act::CastBallot)
    }

    /// Count events.
    async fn record_events(&self) -> Permission {
        self.to(Act::RecordEvents)
    }

    /// Score the lanes and lock one's sheet.
    async fn lock_sheet(&self) -> Permission {
        self.to(Act::LockSheet)
    }

    /// Answer an appeal.
    async fn answer_appeal(&self) -> Permission {
        self.to(Act::AnswerAppeal)
    }
}

impl TaskPermissions {
    fn to(&self, act: Act) -> Permission {
        match self.0.iter().find(|(known, _)| *known == act) {
            Some((_, None)) => Permission { allowed: true, reason: None, code: None },
            Some((_, Some(code))) => refuse(code.to_string(), code_name(code)),
            None => refuse(Refusal::NotFound.to_string(), "NOT_FOUND".to_owned()),
        }
    }
}

fn refuse(reason: String, code: String) -> Permission {
    Permission { allowed: false, reason: Some(reason), code: Some(code) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_says_yes_or_why_not() {
        let known = vec![(Act::BoostTask, None), (Act::EnterRace, Some(Code::LanesFull { max: 4 }))];
        let can = TaskPermissions(known);
        assert!(can.to(Act::BoostTask).allowed);
        let enter = can.to(Act::EnterRace);
        assert_eq!((enter.allowed, enter.code.as_deref()), (false, Some("LANES_FULL")));
        assert!(enter.reason.is_some_and(|reason| reason.contains('4')));
        assert_eq!(can.to(Act::RuleRace).code.as_deref(), Some("NOT_FOUND"));
    }
}
