import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { api, take, type Wire } from "./client";
import { keys } from "./keys";
import { can } from "./roles";
import { plainFetch, rememberToken } from "./session";

export type Me = Wire["Me"];

const SOMEBODY_CAME = "aivastark.came"; // in this browser, and was signed in

/** Who is signed in, without asking anybody to. Throws `ApiError`, code `unauthenticated`, when nobody is. */
export async function loadMe(): Promise<Me> {
  const me = await take(api.GET("/v1/auth/me", { fetch: plainFetch }));
  rememberToken(me.csrf_token);
  localStorage.setItem(SOMEBODY_CAME, "yes");
  return me;
}

/** How that is asked for; kept until it is changed here. */
export const ME = { queryKey: keys.me, queryFn: loadMe, staleTime: Infinity, retry: false };

/** Who is signed in. */
export function useMeQuery() {
  return useQuery(ME);
}

/** The same for pages of those who are not: where nobody ever signed in, nobody is asked for, and the console has no error of it. */
export function useMeIfAny(): Me | undefined {
  return useQuery({ ...ME, enabled: localStorage.getItem(SOMEBODY_CAME) !== null }).data;
}

/** Whoever was found to be signed in; asks nobody. */
export function useMeIfKnown(): Me | undefined {
  return useQuery({ ...ME, enabled: false }).data;
}

/** Who is signed in, on pages that only they see. */
export function useMe(): Me {
  const me = useMeQuery().data;
  if (me === undefined) throw new Error("This page is for people who are signed in.");
  return me;
}

/** Whether the person may do what takes this scope, in the organisation they act in. */
export function useCan(scope: string): boolean {
  return can(useMe().organization?.role ?? null, scope);
}

/** Take over who is signed in now, as an answer said it. */
export function useWelcome(): (me: Me) => void {
  const client = useQueryClient();
  return useCallback(
    (me: Me) => {
      rememberToken(me.csrf_token);
      client.setQueryData(keys.me, me);
    },
    [client],
  );
}
