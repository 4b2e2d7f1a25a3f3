// The public widget API as it goes over the wire; see docs/api.md, "The widget API, for visitors".

export interface Citation {
  index: number;
  title: string | null;
  url: string | null;
  quote: string;
}

export type Role = "user" | "assistant" | "agent" | "system";
export type Status = "open" | "waiting_human" | "human" | "closed";

export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  size: number;
}

export interface Message {
  id: string | null;
  position: number;
  role: Role;
  content: string;
  author: string | null;
  citations: Citation[];
  answered: boolean | null;
  feedback: { rating?: "up" | "down" } | null;
  attachments: Attachment[];
  created_at: string;
}

export interface Field {
  key: string;
  label: string;
  type: "text" | "email" | "phone" | "textarea" | "select";
  required: boolean;
  options: string[];
}

export interface LeadForm {
  trigger: string;
  fields: Field[];
  consent: { required: boolean; text: string; url: string | null };
}

export interface Answer {
  id: string | null;
  conversation_id: string | null;
  answer: string;
  answered: boolean;
  citations: Citation[];
  suggestions: string[];
  handoff_offered: boolean;
  lead_form: LeadForm | null;
  limit_reached: string | null;
  created_at: string;
}

/** What a stream tells. The wire is checked where it is used; what does not fit is left out. */
export type Told =
  | { type: "message.start"; message_id: string; conversation_id: string }
  | { type: "token"; delta: string }
  | { type: "citation"; citation: Citation }
  | ({ type: "answer" } & Answer)
  | { type: "error"; error: { code: string; message: string } }
  | { type: "status"; status: Status }
  | { type: "typing" }
  | { type: "message"; message: Message };

export interface Visit {
  visitor_token: string;
  resumed: boolean;
  conversation: { id: string; status: Status } | null;
  handoff_open: boolean;
}

export interface Conversation {
  id: string;
  status: Status;
  subject: string | null;
  updated_at: string;
  messages?: Message[];
}

export interface Rule {
  trigger: "time_on_page" | "scroll" | "exit_intent" | "page_views";
  value: number;
  paths: string[];
  message: string;
  once_per: "page" | "session" | "visitor";
}

export interface Config {
  enabled: boolean;
  version: number;
  branding: {
    title: string | null;
    colors: { primary: string; on_primary: string; background: string; text: string };
    theme: "auto" | "light" | "dark";
    radius: number;
    font_family: string | null;
    font_size: number;
    logo_url: string | null;
    avatar_url: string | null;
    show_powered_by: boolean;
  };
  launcher: {
    icon: "chat" | "question" | "message" | "headset";
    icon_url: string | null;
    position: "bottom-right" | "bottom-left";
    label: string | null;
    offset_x: number;
    offset_y: number;
    size: number;
    open_on_load: boolean;
  };
  content: { greeting: string; placeholder: string; starters: string[]; locale: string; strings: Record<string, string> };
  behavior: { proactive: Rule[]; show_citations: boolean; feedback: boolean; suggestions: boolean };
  lead_capture: {
    enabled: boolean;
    title: string;
    triggers: { type: string; seconds?: number | null }[];
    fields: Field[];
    consent: LeadForm["consent"];
  };
  handoff: { enabled: boolean; away_message: string };
  attachments: { enabled: boolean; max_bytes: number; max_per_conversation: number };
  identity: "off" | "optional" | "required";
  message_max_chars: number;
}

export interface Proof {
  token?: string;
  user_id?: string;
  user_hash?: string;
}
