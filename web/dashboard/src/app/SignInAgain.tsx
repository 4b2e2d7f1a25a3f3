import { useEffect, useState } from "react";

import { ApiError, useMeIfKnown, useWelcome, type Me } from "../api";
import { whenExpired } from "../api/session";
import { Dialog } from "../design";
import { SignInForm } from "../pages/door/SignInForm";

interface Waiting {
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Over whatever page is open when its session has ended: the page stays, with all that was typed into it. */
export function SignInAgain() {
  const welcome = useWelcome();
  const before = useMeIfKnown();
  const [waiting, setWaiting] = useState<Waiting | null>(null);
  useEffect(
    () =>
      whenExpired(
        () =>
          new Promise<void>((resolve, reject) => {
            setWaiting({ resolve, reject });
          }),
      ),
    [],
  );
  const signedIn = (me: Me) => {
    if (before !== undefined && me.user.id !== before.user.id) {
      window.location.assign("/"); // what is on the page is another person's
      return;
    }
    welcome(me);
    waiting?.resolve();
    setWaiting(null);
  };
  const close = () => {
    waiting?.reject(new ApiError("You are signed out. Sign in again to go on.", { code: "unauthenticated", status: 401 }));
    setWaiting(null);
  };
  return (
    <Dialog title="Sign in again" words="Your session has ended. What you typed is still here." isOpen={waiting !== null} onClose={close}>
      <SignInForm email={before?.user.email ?? ""} onSignedIn={signedIn} />
    </Dialog>
  );
}
