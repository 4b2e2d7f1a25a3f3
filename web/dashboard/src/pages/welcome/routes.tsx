import type { RouteObject } from "react-router";

import { lazily } from "../../app/lazily";

export const welcome: RouteObject[] = [{ path: "welcome", lazy: lazily(async () => (await import("./WelcomePage")).WelcomePage) }];
