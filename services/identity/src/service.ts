import { join } from "node:path";
import { sessionRevoked } from "@lyceum/gen/events/lyceum/identity/v1/session_revoked.ts";
import { userRegistered } from "@lyceum/gen/events/lyceum/identity/v1/user_registered.ts";
import { userSuspended } from "@lyceum/gen/events/lyceum/identity/v1/user_suspended.ts";
import { AdminService } from "@lyceum/gen/proto/lyceum/identity/v1/admin_service_pb.ts";
import { IdentityInternalService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_internal_service_pb.ts";
import { IdentityService } from "@lyceum/gen/proto/lyceum/identity/v1/identity_service_pb.ts";
import { defineService } from "@lyceum/service";
import { createAccessTokenSigner } from "./access-token.ts";
import { createCaptcha } from "./captcha/index.ts";
import { config } from "./config.ts";
import type { Context } from "./context.ts";
import { openSealing } from "./factors/sealing.ts";
import { createGuessGuard } from "./guessing/guess-guard.ts";
import { devMail } from "./http/dev-mail.ts";
import { endExpiredKey } from "./jobs/end-expired-key.ts";
import { sendMail } from "./jobs/send-mail.ts";
import { openMailer } from "./mail/index.ts";
import { rotateSigningKey } from "./operations/rotate-signing-key.ts";
import { setRole } from "./operations/set-role.ts";
import { createPasswordHasher } from "./password-hasher.ts";
import { createProvider } from "./providers/provider.ts";
import { batchGetUsers } from "./rpc/batch-get-users.ts";
import { beginPasskeyRegistration } from "./rpc/begin-passkey-registration.ts";
import { beginPasskeySignIn } from "./rpc/begin-passkey-sign-in.ts";
import { beginProviderLink } from "./rpc/begin-provider-link.ts";
import { beginProviderSignIn } from "./rpc/begin-provider-sign-in.ts";
import { changePassword } from "./rpc/change-password.ts";
import { completeMfa } from "./rpc/complete-mfa.ts";
import { confirmEmailChange } from "./rpc/confirm-email-change.ts";
import { confirmTotp } from "./rpc/confirm-totp.ts";
import { createApiKey } from "./rpc/create-api-key.ts";
import { deletePasskey } from "./rpc/delete-passkey.ts";
import { disableTotp } from "./rpc/disable-totp.ts";
import { enrollTotp } from "./rpc/enroll-totp.ts";
import { exchangeCredential } from "./rpc/exchange-credential.ts";
import { finishPasskeyRegistration } from "./rpc/finish-passkey-registration.ts";
import { finishPasskeySignIn } from "./rpc/finish-passkey-sign-in.ts";
import { finishProviderSignIn } from "./rpc/finish-provider-sign-in.ts";
import { getAccount } from "./rpc/get-account.ts";
import { getFactors } from "./rpc/get-factors.ts";
import { getJwks } from "./rpc/get-jwks.ts";
import { getUser } from "./rpc/get-user.ts";
import { linkProvider } from "./rpc/link-provider.ts";
import { listApiKeys } from "./rpc/list-api-keys.ts";
import { listAuditEvents } from "./rpc/list-audit-events.ts";
import { listLinkedProviders } from "./rpc/list-linked-providers.ts";
import { listMyAuditEvents } from "./rpc/list-my-audit-events.ts";
import { listPasskeys } from "./rpc/list-passkeys.ts";
import { listProviders } from "./rpc/list-providers.ts";
import { listSessions } from "./rpc/list-sessions.ts";
import { listUsers } from "./rpc/list-users.ts";
import { reauthenticate } from "./rpc/reauthenticate.ts";
import { refreshSession } from "./rpc/refresh-session.ts";
import { regenerateRecoveryCodes } from "./rpc/regenerate-recovery-codes.ts";
import { requestEmailChange } from "./rpc/request-email-change.ts";
import { requestEmailVerification } from "./rpc/request-email-verification.ts";
import { requestPasswordReset } from "./rpc/request-password-reset.ts";
import { requestSignInCode } from "./rpc/request-sign-in-code.ts";
import { resetPassword } from "./rpc/reset-password.ts";
import { restoreUser } from "./rpc/restore-user.ts";
import { revokeApiKey } from "./rpc/revoke-api-key.ts";
import { revokeOtherSessions } from "./rpc/revoke-other-sessions.ts";
import { revokeSession } from "./rpc/revoke-session.ts";
import { revokeUserSessions } from "./rpc/revoke-user-sessions.ts";
import { setUserRoles } from "./rpc/set-user-roles.ts";
import { signIn } from "./rpc/sign-in.ts";
import { signInWithCode } from "./rpc/sign-in-with-code.ts";
import { signOut } from "./rpc/sign-out.ts";
import { signUp } from "./rpc/sign-up.ts";
import { suspendUser } from "./rpc/suspend-user.ts";
import { undoEmailChange } from "./rpc/undo-email-change.ts";
import { unlinkProvider } from "./rpc/unlink-provider.ts";
import { verifyEmail } from "./rpc/verify-email.ts";
import { openSigningKeys } from "./signing-keys.ts";
import { sweepHourly } from "./sweep.ts";

/** Accounts, passwords, sessions and the keys that sign access tokens. */
export const identityService = defineService({
  name: "identity",
  rpcs: [IdentityService, AdminService, IdentityInternalService],
  publishes: [userRegistered, sessionRevoked, userSuspended],
  migrations: join(import.meta.dirname, "migrations"),
  config,
  operations: { setRole, rotateSigningKey },
  async open(host, { sealingKey, signingKeyMaxAgeMs, auditKeptDays, mustVerifyEmail, mail, captcha, providers }) {
    const { database, events, jobs, publicUrl, log } = host;
    const sealing = await openSealing(database.db, host.home, sealingKey);
    const signingKeys = await openSigningKeys({
      database,
      sealing,
      seals: sealingKey !== undefined,
      maxAgeMs: signingKeyMaxAgeMs,
      log,
    });
    const ctx: Context = {
      database,
      events,
      jobs,
      publicUrl,
      passwords: await createPasswordHasher(),
      sealing,
      providers: providers.map((provider) => createProvider(provider, publicUrl)),
      guesses: createGuessGuard(database),
      captcha: createCaptcha(captcha),
      mustVerifyEmail,
      signAccessToken: createAccessTokenSigner(signingKeys.current, publicUrl),
    };
    const mails = await openMailer(host.home, mail(publicUrl));
    const shownMails = devMail(mails.outbox, publicUrl);
    if (mails.outbox && shownMails.length === 0) {
      log.warn("IDENTITY_SMTP_URL is not set: mails are kept in a folder and reach nobody.");
    }
    const sweep = sweepHourly(ctx, { auditKeptDays }, log);
    return {
      routes: (router) =>
        router
          .service(IdentityService, {
            signUp: signUp(ctx),
            signIn: signIn(ctx),
            requestEmailVerification: requestEmailVerification(ctx),
            verifyEmail: verifyEmail(ctx),
            requestPasswordReset: requestPasswordReset(ctx),
            resetPassword: resetPassword(ctx),
            changePassword: changePassword(ctx),
            requestEmailChange: requestEmailChange(ctx),
            confirmEmailChange: confirmEmailChange(ctx),
            undoEmailChange: undoEmailChange(ctx),
            requestSignInCode: requestSignInCode(ctx),
            signInWithCode: signInWithCode(ctx),
            refreshSession: refreshSession(ctx),
            signOut: signOut(ctx),
            listSessions: listSessions(ctx),
            revokeSession: revokeSession(ctx),
            getAccount: getAccount(ctx),
            createApiKey: createApiKey(ctx),
            listApiKeys: listApiKeys(ctx),
            revokeApiKey: revokeApiKey(ctx),
            listMyAuditEvents: listMyAuditEvents(ctx),
            completeMfa: completeMfa(ctx),
            confirmTotp: confirmTotp(ctx),
            disableTotp: disableTotp(ctx),
            enrollTotp: enrollTotp(ctx),
            getFactors: getFactors(ctx),
            reauthenticate: reauthenticate(ctx),
            regenerateRecoveryCodes: regenerateRecoveryCodes(ctx),
            beginPasskeyRegistration: beginPasskeyRegistration(ctx),
            beginPasskeySignIn: beginPasskeySignIn(ctx),
            deletePasskey: deletePasskey(ctx),
            finishPasskeyRegistration: finishPasskeyRegistration(ctx),
            finishPasskeySignIn: finishPasskeySignIn(ctx),
            listPasskeys: listPasskeys(ctx),
            beginProviderLink: beginProviderLink(ctx),
            beginProviderSignIn: beginProviderSignIn(ctx),
            finishProviderSignIn: finishProviderSignIn(ctx),
            linkProvider: linkProvider(ctx),
            listLinkedProviders: listLinkedProviders(ctx),
            listProviders: listProviders(ctx),
            revokeOtherSessions: revokeOtherSessions(ctx),
            unlinkProvider: unlinkProvider(ctx),
            getJwks: getJwks(ctx),
          })
          .service(AdminService, {
            listUsers: listUsers(ctx),
            getUser: getUser(ctx),
            suspendUser: suspendUser(ctx),
            restoreUser: restoreUser(ctx),
            revokeUserSessions: revokeUserSessions(ctx),
            setUserRoles: setUserRoles(ctx),
            listAuditEvents: listAuditEvents(ctx),
          })
          .service(IdentityInternalService, {
            batchGetUsers: batchGetUsers(ctx),
            exchangeCredential: exchangeCredential(ctx),
          }),
      http: shownMails,
      jobs: [sendMail(ctx, mails.mailer, log), endExpiredKey(ctx)],
      dispose: async () => {
        await sweep[Symbol.asyncDispose]();
        mails[Symbol.dispose]();
        await ctx.passwords[Symbol.asyncDispose]();
        await signingKeys[Symbol.asyncDispose]();
      },
    };
  },
});
