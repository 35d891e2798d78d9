//! `saima person`.

use std::io::{BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};
use market::person::AddPerson;
use market::{Actor, Ids as _, PersonKind, RandomIds, Refusal, Role, SystemClock};

use super::{Failure, Place, complain, say};
use crate::app;
use crate::keys::Keys;

/// Bring in people.
#[derive(Subcommand)]
pub(super) enum Person {
    /// Bring in a person, for example the first admin.
    Add(Add),
}

#[derive(Args)]
pub(super) struct Add {
    #[command(flatten)]
    place: Place,
    /// Their e-mail address, to sign in with.
    #[arg(long)]
    email: String,
    /// Their name as shown.
    #[arg(long)]
    name: String,
    /// Their public handle: small letters, digits and hyphens.
    #[arg(long)]
    handle: String,
    /// A role; can be given several times: manager, treasurer, auditor, admin.
    #[arg(long = "role", value_name = "ROLE")]
    roles: Vec<Role>,
    /// A member of the organisation (this is the default).
    #[arg(long, conflicts_with = "contributor")]
    member: bool,
    /// A contributor from outside.
    #[arg(long)]
    contributor: bool,
    /// Read the password from this file; without it, from standard input unless that is a terminal;
    /// without either, one is made up and printed once.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl Person {
    pub(super) async fn run(self) -> Result<ExitCode, Failure> {
        let Self::Add(add) = self;
        add.run().await
    }
}

impl Add {
    async fn run(self) -> Result<ExitCode, Failure> {
        let config = self.place.load(None)?;
        let given = given_password(self.password_file.as_deref())?;
        let password = given.clone().unwrap_or_else(|| RandomIds.secret());
        let ids = Arc::new(RandomIds);
        let keys = Keys::open(&config, ids.as_ref())?;
        let market = app::open(&config, &keys, Arc::new(SystemClock), ids).await?;
        let kind = if self.contributor { PersonKind::Contributor } else { PersonKind::Member };
        let add = AddPerson {
            email: self.email,
            handle: self.handle.clone(),
            name: self.name,
            password: password.clone(),
            kind,
            roles: self.roles,
        };
        let added = market.add_person(&Actor::Operator, add).await;
        market.close().await;
        match added {
            Ok(id) => {
                say(format_args!("{} is in, as {kind} {id}", self.handle));
                if given.is_none() {
                    say(format_args!("password: {password}"));
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(Refusal::Invalid(problems)) => {
                for problem in problems {
                    complain(format_args!("{}: {}", problem.field, problem.code));
                }
                Ok(ExitCode::FAILURE)
            }
            Err(refusal) => Err(app::Trouble::from(refusal).into()),
        }
    }
}

/// The password from the file or from standard input: its first line.
fn given_password(file: Option<&Path>) -> Result<Option<String>, Failure> {
    let mut line = String::new();
    if let Some(path) = file {
        line = std::fs::read_to_string(path).map_err(|why| format!("{}: {why}", path.display()))?;
    } else if !std::io::stdin().is_terminal() {
        std::io::stdin().lock().read_line(&mut line)?;
    }
    Ok(line.lines().next().filter(|line| !line.is_empty()).map(str::to_owned))
}
