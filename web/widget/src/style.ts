// One sheet for the shadow root. `:host` is marked important where a page's own rules must not reach the element.

export const CSS = `
:host{all:initial!important;position:fixed!important;inset:auto!important;z-index:2147483000!important;display:block!important;
visibility:visible!important;opacity:1!important;transform:none!important;filter:none!important;width:0!important;height:0!important;
margin:0!important;padding:0!important;border:0!important;clip-path:none!important;pointer-events:auto!important;overflow:visible!important;
--bg:var(--akv-background,#fff);--fg:var(--akv-text,#1b1f24);--main:var(--akv-primary,#1f5eff);--on:var(--akv-on-primary,#fff);
--soft:color-mix(in srgb,var(--fg) 7%,var(--bg));--line:color-mix(in srgb,var(--fg) 16%,var(--bg));
--mute:color-mix(in srgb,var(--fg) 68%,var(--bg));--link:color-mix(in srgb,var(--main) 78%,var(--fg))}
:host(.inline){position:relative!important;width:auto!important;height:100%!important}
:host(.dark){--bg:#16191d;--fg:#eceff3;--link:color-mix(in srgb,var(--main) 45%,#fff);color-scheme:dark}
*,*::before,*::after{box-sizing:border-box}
.root{font:400 var(--akv-size,15px)/1.5 var(--akv-font,system-ui,sans-serif);color:var(--fg);text-align:start}
button,input,textarea,select{font:inherit;color:inherit;margin:0}
button{border:0;background:none;padding:0;cursor:pointer;min-height:44px;min-width:44px;border-radius:8px}
button *{pointer-events:none}
button:disabled{opacity:.5;cursor:default}
:focus-visible{outline:2px solid var(--link);outline-offset:2px}
svg{width:22px;height:22px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round;display:block;margin:auto}
.launcher{position:fixed;bottom:calc(var(--akv-y,20px) + env(safe-area-inset-bottom));height:var(--akv-launcher,56px);min-width:var(--akv-launcher,56px);
border-radius:999px;background:var(--main);color:var(--on);box-shadow:0 4px 18px rgb(0 0 0/.25);display:flex;align-items:center;gap:8px;padding:0 16px;font-weight:600;justify-content:center}
.launcher img{width:60%;max-width:36px;border-radius:50%}
.launcher svg{margin:0}
.right .launcher,.right .panel,.right .bubble{right:var(--akv-x,20px)}
.left .launcher,.left .panel,.left .bubble{left:var(--akv-x,20px)}
.badge{position:absolute;top:-4px;inset-inline-end:-4px;background:#c62828;color:#fff;border-radius:99px;min-width:22px;height:22px;font-size:13px;line-height:22px;text-align:center;padding:0 6px}
.bubble{position:fixed;bottom:calc(var(--akv-y,20px) + var(--akv-launcher,56px) + 12px);max-width:min(300px,calc(100vw - 40px));background:var(--bg);color:var(--fg);
border:1px solid var(--line);border-radius:var(--akv-radius,12px);box-shadow:0 4px 18px rgb(0 0 0/.2);display:flex;align-items:flex-start}
.bubble .speak{padding:10px 14px;text-align:start;min-height:44px}
.panel{position:fixed;bottom:calc(var(--akv-y,20px) + var(--akv-launcher,56px) + 12px);width:min(400px,calc(100vw - 2*var(--akv-x,20px)));height:min(640px,calc(100dvh - var(--akv-y,20px) - var(--akv-launcher,56px) - 32px));
background:var(--bg);border:1px solid var(--line);border-radius:var(--akv-radius,12px);box-shadow:0 8px 40px rgb(0 0 0/.28);display:flex;flex-direction:column;overflow:hidden}
:host(.inline) .panel{position:absolute;inset:0;width:auto;height:auto;box-shadow:none}
header{display:flex;align-items:center;gap:10px;padding:4px 4px 4px 16px;background:var(--main);color:var(--on);min-height:56px}
[dir=rtl] header{padding:4px 16px 4px 4px}[dir=rtl] .ask svg{transform:scaleX(-1)}
header h2{font-size:1.07em;margin:0;flex:1;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
header img{width:32px;height:32px;border-radius:50%;object-fit:cover}
header :focus-visible{outline-color:var(--on);outline-offset:-4px}
.scroll{flex:1;overflow-y:auto;overscroll-behavior:contain;padding:16px;display:flex;flex-direction:column;gap:12px}
.turn{max-width:88%;align-self:flex-start;overflow-wrap:anywhere}
.turn.user{align-self:flex-end}
.turn.system{align-self:center;text-align:center;color:var(--mute);font-size:.93em}
.who{font-size:.8em;color:var(--mute);margin:0 4px 2px}
.said{width:fit-content;max-width:100%;background:var(--soft);border-radius:var(--akv-radius,12px);padding:10px 14px}
.user .said{margin-inline-start:auto;background:var(--main);color:var(--on);white-space:pre-wrap}
.system .said{background:none;padding:0}
.failed .said{outline:2px solid #c62828}
.said p{margin:0 0 .5em}.said>:last-child{margin-bottom:0}
.said .heading{font-weight:650}
.said ul,.said ol{margin:0 0 .5em;padding-inline-start:1.4em}
.said pre{overflow:auto;background:color-mix(in srgb,var(--fg) 10%,var(--bg));padding:10px;border-radius:8px;font-size:.9em;margin:0 0 .5em;direction:ltr;text-align:left}
.said code{font-family:ui-monospace,monospace;font-size:.93em}
.table{overflow:auto;margin:0 0 .5em}
table{border-collapse:collapse;font-size:.93em}th,td{border:1px solid var(--line);padding:4px 8px;text-align:start}
a{color:var(--link);text-underline-offset:2px}
.mark{min-width:24px;min-height:24px;height:24px;padding:0 5px;margin:0 2px;border-radius:6px;background:color-mix(in srgb,var(--main) 16%,var(--bg));color:var(--link);font-size:.8em;font-weight:650;vertical-align:baseline;position:relative}
.mark::after{content:"";position:absolute;inset:-10px -4px}
.card{border:1px solid var(--line);border-radius:8px;padding:10px 12px;margin-top:8px;font-size:.93em;background:var(--bg)}
.card b{display:block}
.card q{display:block;font-style:italic;margin:6px 0;quotes:"“" "”";white-space:pre-line;max-height:10em;overflow:auto}
.tools{display:flex}
.tools button{color:var(--mute);min-width:44px}
.tools svg{width:18px;height:18px}
.tools [aria-pressed=true]{color:var(--link)}
.greeting .chips{margin-top:12px}
.chips{display:flex;flex-wrap:wrap;gap:8px}
.chip{border:1px solid var(--link);color:var(--link);padding:8px 14px;border-radius:22px;text-align:start;background:var(--bg)}
.box{border:1px solid var(--line);border-radius:var(--akv-radius,12px);padding:14px;display:flex;flex-direction:column;gap:10px}
.box b{font-size:1.03em}
.box label{display:flex;flex-direction:column;gap:4px;font-size:.93em}
.box label.tick{flex-direction:row;align-items:center;gap:10px;min-height:44px}
.box input,.box select,.box textarea{border:1px solid color-mix(in srgb,var(--fg) 55%,var(--bg));border-radius:8px;padding:9px 12px;background:var(--bg);min-height:44px;width:100%}
.box input[type=checkbox]{width:24px;min-height:24px;flex:none}
.wrong,.over{color:color-mix(in srgb,#c62828 60%,var(--fg));font-size:.93em}
.main{background:var(--main);color:var(--on);padding:8px 16px;font-weight:600}
.row{display:flex;gap:8px;flex-wrap:wrap}
.plain{padding:8px 12px;color:var(--link)}
.notice{padding:8px 16px;background:var(--soft);font-size:.93em;border-top:1px solid var(--line)}
.notice:empty{display:none}
form.ask{display:flex;flex-wrap:wrap;align-items:flex-end;gap:6px;border-top:1px solid var(--line);padding:8px 8px calc(8px + env(safe-area-inset-bottom)) 12px}
form.ask textarea{flex:1;width:0;border:0;background:none;resize:none;padding:10px 4px;min-height:44px;max-height:140px;font-size:max(16px,1em)}
form.ask textarea::placeholder{color:var(--mute);opacity:1}
form.ask button{background:var(--main);color:var(--on);border-radius:50%}
form.ask button:disabled{background:var(--soft);color:var(--mute);opacity:1}
.over{flex-basis:100%}.over:empty{display:none}
.foot{font-size:.75em;text-align:center;color:var(--mute);padding:0 0 6px}
.past{display:flex;flex-direction:column;gap:4px}
.past button{text-align:start;padding:10px 12px;width:100%;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
.past button:hover,.plain:hover,.chip:hover{background:var(--soft)}
.past small{display:block;color:var(--mute)}
.dots{display:inline-flex;gap:5px;padding:6px 2px}
.dots i{width:8px;height:8px;border-radius:50%;background:var(--mute);animation:b 1.2s infinite}
.dots i:nth-child(2){animation-delay:.15s}.dots i:nth-child(3){animation-delay:.3s}
@keyframes b{50%{opacity:.25}}
.hush{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
[hidden]{display:none!important}
@media(max-width:480px){:host(:not(.inline)) .panel{inset:0!important;width:auto;height:100dvh;border:0;border-radius:0}
:host(:not(.inline)) .root.open .launcher{display:none}header{padding-top:env(safe-area-inset-top)}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
@media(forced-colors:active){.said,.mark,.chip,.launcher,.panel,.main,form.ask button{border:1px solid}}
@media print{:host{display:none!important}}
`;
