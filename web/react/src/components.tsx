// The widget over the page, and the widget in a place of its own.

import { aivastark, type Identity, type Page } from "@aivastark/widget";
import { type CSSProperties, forwardRef, useImperativeHandle, useRef } from "react";

import type { AivastarkEventProps } from "./events.js";
import { useWidget } from "./use-widget.js";

const SIZE: CSSProperties = { blockSize: "36rem" };

export interface AivastarkProps extends AivastarkEventProps {
  /** The widget's public embed key, `akv_pub_…`. */
  embedKey: string;
  /** The install, such as `https://chat.example.com`; without it, the page's own origin. */
  host?: string | undefined;
  /** The interface language; without it, what the widget is configured to. */
  language?: string | null | undefined;
  /** Who is signed in at your site. When it goes, the visitor is forgotten on this device. */
  identity?: Identity | null | undefined;
  /** The nonce of a Content-Security-Policy. */
  nonce?: string | undefined;
}

export type AivastarkWidgetProps = AivastarkProps;

export interface AivastarkChatProps extends AivastarkProps {
  /** With a class or a style, the height is yours to give. */
  className?: string | undefined;
  style?: CSSProperties | undefined;
  id?: string | undefined;
}

/** Floats over the page. A page has one widget: while an `AivastarkChat` is there, this one is not. */
export const AivastarkWidget = forwardRef<Page, AivastarkWidgetProps>(function AivastarkWidget(props, ref) {
  useWidget(props, null);
  useImperativeHandle(ref, () => aivastark, []);
  return null;
});

/** Stands in the page, as large as its element. */
export const AivastarkChat = forwardRef<Page, AivastarkChatProps>(function AivastarkChat(props, ref) {
  const element = useRef<HTMLDivElement>(null);
  useWidget(props, element);
  useImperativeHandle(ref, () => aivastark, []);
  const { id, className, style = className === undefined ? SIZE : undefined } = props;
  return <div ref={element} id={id} className={className} style={style} />;
});
