//! Doors: coming in, signing in and out, by tokens.

use async_graphql::{Context, InputObject, Object};
use market::person::{AcceptInvitation, NewRefresh, SignInInput as SignIn, SignUp};
use market::{PersonId, Result};

use crate::payload::payloads;
use crate::refusal::answer;
use crate::request::Ask;
use crate::scalar::DateTime;
use crate::viewer::Viewer;

/// Who wants to come in from outside.
#[derive(InputObject)]
pub(crate) struct SignUpInput {
    /// The address to sign in with.
    email: String,
    /// The public handle: 2 to 32 small letters, digits or hyphens, starting with a letter.
    handle: String,
    /// The name as shown, up to 80 characters.
    name: String,
    /// 10 to 128 characters.
    password: String,
}

/// Who signs in.
#[derive(InputObject)]
pub(crate) struct SignInInput {
    /// The address.
    email: String,
    /// The password.
    password: String,
}

/// The refresh token to exchange.
#[derive(InputObject)]
pub(crate) struct RefreshTokenInput {
    /// The refresh token, which is used up by this.
    refresh_token: String,
}

/// The refresh token to end.
#[derive(InputObject)]
pub(crate) struct SignOutInput {
    /// The refresh token; all that descend from the same sign-in end with it.
    refresh_token: String,
}

/// Who comes in by an invitation.
#[derive(InputObject)]
pub(crate) struct AcceptInvitationInput {
    /// The invitation's secret.
    secret: String,
    /// The public handle: 2 to 32 small letters, digits or hyphens, starting with a letter.
    handle: String,
    /// The name as shown, up to 80 characters.
    name: String,
    /// 10 to 128 characters.
    password: String,
}

payloads! {
    /// What came of `signUp`.
    SignUpPayload {
        /// True: sign in now. The answer is the same when somebody has that address already.
        accepted: bool,
    }

    /// What came of `signIn`.
    SignInPayload {
        /// Send it as `Authorization: Bearer …`.
        access_token: String,
        /// When the access token ends; refresh before.
        expires_at: DateTime,
        /// Exchange it by `refreshToken`, once. Keep it secret.
        refresh_token: String,
        /// When the refresh token ends.
        refresh_expires_at: DateTime,
        /// Who signed in. What lies deeper is still answered as to a visitor: ask with the access token.
        viewer: Viewer,
    }

    /// What came of `refreshToken`.
    RefreshTokenPayload {
        /// Send it as `Authorization: Bearer …`.
        access_token: String,
        /// When the access token ends; refresh before.
        expires_at: DateTime,
        /// The next refresh token; the old one is used up.
        refresh_token: String,
        /// When the refresh token ends.
        refresh_expires_at: DateTime,
    }

    /// What came of `signOut`.
    SignOutPayload {
        /// True: the refresh token is worth nothing now.
        signed_out: bool,
    }

    /// What came of `acceptInvitation`.
    AcceptInvitationPayload {
        /// The new member, who can sign in now.
        viewer: Viewer,
    }
}

/// What can be done at the doors.
#[derive(Default)]
pub(crate) struct SessionMutation;

#[Object]
impl SessionMutation {
    /// Lets somebody from outside come in as a contributor, who can join open challenges.
    async fn sign_up(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who comes.")] input: SignUpInput,
    ) -> Result<Option<SignUpPayload>> {
        answer(async {
            let SignUpInput { email, handle, name, password } = input;
            ctx.market().knock(&ctx.client_address()).await?;
            ctx.market().sign_up(ctx.actor(), SignUp { email, handle, name, password }).await?;
            Ok((true,))
        })
        .await
    }

    /// Signs in: a short-lived access token, and a refresh token to get the next one.
    async fn sign_in(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Who signs in.")] input: SignInInput,
    ) -> Result<Option<SignInPayload>> {
        answer(async {
            let SignInInput { email, password } = input;
            let attempt = SignIn { email, password, from: ctx.client_address() };
            let person = ctx.market().sign_in(attempt).await?;
            let refresh = ctx.market().open_refresh(person).await?;
            let (access, expires, refresh, refresh_expires) = tokens(ctx, person, refresh)?;
            Ok((access, expires, refresh, refresh_expires, Viewer::fresh(ctx, person).await?))
        })
        .await
    }

    /// Exchanges a refresh token for a new pair. One that comes a second time was stolen: all of its family end.
    async fn refresh_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: RefreshTokenInput,
    ) -> Result<Option<RefreshTokenPayload>> {
        answer(async {
            let (person, refresh) = ctx.market().rotate_refresh(&input.refresh_token).await?;
            tokens(ctx, person, refresh)
        })
        .await
    }

    /// Ends a refresh token and its family. An access token lives on for its few minutes.
    async fn sign_out(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The refresh token.")] input: SignOutInput,
    ) -> Result<Option<SignOutPayload>> {
        answer(async {
            ctx.market().end_refresh(&input.refresh_token).await?;
            Ok((true,))
        })
        .await
    }

    /// Comes in as a member by an invitation, once.
    async fn accept_invitation(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The invitation, and who comes.")] input: AcceptInvitationInput,
    ) -> Result<Option<AcceptInvitationPayload>> {
        answer(async {
            let AcceptInvitationInput { secret, handle, name, password } = input;
            let guest = AcceptInvitation { secret, handle, name, password };
            ctx.market().knock(&ctx.client_address()).await?;
            let person = ctx.market().accept_invitation(ctx.actor(), guest).await?;
            Ok((Viewer::fresh(ctx, person).await?,))
        })
        .await
    }
}

fn tokens(
    ctx: &Context<'_>,
    person: PersonId,
    refresh: NewRefresh,
) -> Result<(String, DateTime, String, DateTime)> {
    let (access, expires) = ctx.tokens()?.access(person, ctx.market().now())?;
    Ok((access, expires.into(), refresh.secret, refresh.expires_at.into()))
}
