import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

/** Ways in: the paths that mails and the command line print (`Entrance.link` in aivastark/accounts/entrance.py). */
export const doors: RouteObject[] = [
  { path: "sign-in", lazy: lazily(async () => (await import("./SignInPage")).SignInPage) },
  { path: "sign-up", lazy: lazily(async () => (await import("./SignUpPage")).SignUpPage) },
  { path: "forgot-password", lazy: lazily(async () => (await import("./PasswordPages")).ForgotPasswordPage) },
  { path: "reset-password", lazy: lazily(async () => (await import("./PasswordPages")).ResetPasswordPage) },
  { path: "accept-invitation", lazy: lazily(async () => (await import("./InvitationPage")).InvitationPage) },
  { path: "confirm-sign-up", lazy: lazily(async () => (await import("./ConfirmPages")).ConfirmSignUpPage) },
  { path: "confirm-email", lazy: lazily(async () => (await import("./ConfirmPages")).ConfirmEmailPage) },
];
