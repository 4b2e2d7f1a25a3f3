import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleUser, LogOut, Settings } from "lucide-react";

import { api, take, useMe } from "../api";
import { IconButton, Menu, MenuChoice, MenuItem, MenuLabel, MenuLine, MenuLink, useToast } from "../design";
import { useTheme, type Theme } from "./theme";

const THEMES = [
  { value: "system", label: "As the system" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

/** Who one is, how it looks, and the way out. */
export function AccountMenu() {
  const me = useMe();
  const [theme, setTheme] = useTheme();
  const toast = useToast();
  const client = useQueryClient();
  const signOut = useMutation({
    mutationFn: () => take(api.POST("/v1/auth/sign-out")),
    onSuccess: () => {
      client.clear();
      window.location.assign("/sign-in");
    },
    onError: (error) => toast({ message: error.message }),
  });
  return (
    <Menu trigger={<IconButton icon={CircleUser} label={`Account of ${me.user.name}`} />}>
      <MenuLabel>
        {me.user.name} · {me.user.email}
      </MenuLabel>
      <MenuLink to="/account" icon={Settings}>
        Your account
      </MenuLink>
      <MenuLine />
      <MenuChoice label="Look" value={theme} options={THEMES} onChange={(value) => setTheme(value as Theme)} />
      <MenuLine />
      <MenuItem icon={LogOut} onSelect={() => signOut.mutate()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
