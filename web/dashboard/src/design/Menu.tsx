import * as Radix from "@radix-ui/react-dropdown-menu";
import { Check, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { classes } from "./classes";
import style from "./Popup.module.css";

const ICON_PX = 16;

interface MenuProps {
  /** The button that opens it: one element. */
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
}

export function Menu({ trigger, children, align = "end" }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Content className={style.menu} align={align} sideOffset={4} collisionPadding={8}>
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}

interface MenuItemProps {
  children: ReactNode;
  onSelect: () => void;
  icon?: LucideIcon;
  disabled?: boolean;
  /** It destroys something: shown in red, and it should ask first. */
  dangerous?: boolean;
}

export function MenuItem({ children, onSelect, icon: Icon, disabled = false, dangerous = false }: MenuItemProps) {
  return (
    <Radix.Item className={classes(style.item, dangerous && style.dangerous)} disabled={disabled} onSelect={onSelect}>
      {Icon && <Icon size={ICON_PX} aria-hidden />}
      {children}
    </Radix.Item>
  );
}

export function MenuLink({ to, icon: Icon, children }: { to: string; icon?: LucideIcon; children: ReactNode }) {
  return (
    <Radix.Item asChild>
      <Link to={to} className={style.item}>
        {Icon && <Icon size={ICON_PX} aria-hidden />}
        {children}
      </Link>
    </Radix.Item>
  );
}

export interface MenuOption {
  value: string;
  label: string;
}

/** One of several, with a tick at the one that holds. */
export function MenuChoice({ label, value, options, onChange }: { label: string; value: string; options: readonly MenuOption[]; onChange: (value: string) => void }) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onChange} aria-label={label}>
      <Radix.Label className={style.label}>{label}</Radix.Label>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={style.item}>
          {option.label}
          <Radix.ItemIndicator className={style.mark}>
            <Check size={ICON_PX} aria-hidden />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className={style.label}>{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className={style.line} />;
}
