"""Small talk in sixteen languages, and what only looks like it: a question must never be chatted away."""

import pytest

from aivastark.answers.small_talk import SENTENCES
from aivastark.conversations.small_talk import Kind, small_talk
from aivastark.conversations.small_talk_phrases import PHRASES

IS = """
en greeting: Hi | Hello! | Hey there | HELLO?? | Good morning | good evening, everyone | Hi, how are you? | Hello :)
en thanks: Thanks | Thank you so much! | thx | Ok, thanks | Great, thank you! | Thanks for your help. | that helped
en goodbye: Bye | Goodbye! | Thanks, bye | See you later | Have a nice day! | ok thanks, bye bye
en praise: Great! | Awesome | good bot | You're awesome | That’s perfect
en acknowledgement: Okay | Got it. | never mind | I see
en self: Who are you? | Are you a bot? | are you human | Hi, are you a real person? | Am I talking to a human?
de greeting: Guten Tag | Moin | Grüß Gott! | hallo zusammen
de thanks: Danke | Vielen Dank! | Dankeschön | Danke für die Hilfe | Super, danke!
de goodbye: Tschüss | Auf Wiedersehen | Danke, tschüß! | Schönen Tag noch
de praise: Gut gemacht | Das ist toll!
de self: Wer bist du? | Sind Sie ein Mensch? | Bist du ein Bot? | Hallo, wer sind Sie?
es greeting: ¡Hola! | Buenos días | Hola, ¿qué tal?
es thanks: Gracias | ¡Muchas gracias! | Perfecto, gracias | Gracias por su ayuda
es goodbye: Adiós | Hasta luego
es self: ¿Quién eres? | ¿Eres un bot? | eres una persona real
fr greeting: Bonjour | Bonsoir ! | Salut
fr thanks: Merci | Merci beaucoup ! | C’est parfait, merci | Je vous remercie
fr goodbye: Au revoir | Bonne journée ! | Merci, au revoir
fr self: Qui êtes-vous ? | Êtes-vous un robot ? | es-tu humain ?
it greeting: Buongiorno | Salve!
it thanks: Grazie | Grazie mille! | Perfetto, grazie
it goodbye: Arrivederci | Buona giornata
it self: Chi sei? | Sei un robot?
pt greeting: Olá | Oi! | Bom dia
pt thanks: Obrigado | Muito obrigada! | Valeu
pt goodbye: Tchau | Até logo
pt self: Quem é você? | Você é um robô?
nl greeting: Hoi | Goedemorgen
nl thanks: Bedankt | Dank je wel! | Bedankt voor je hulp
nl goodbye: Tot ziens | Doei!
nl self: Wie ben je? | Ben je een robot?
pl greeting: Dzień dobry | Cześć!
pl thanks: Dziękuję | Dziękuję bardzo! | Dzięki za pomoc
pl goodbye: Do widzenia
pl self: Kim jesteś? | Czy jesteś botem?
sv greeting: God morgon | Hej hej
sv thanks: Tack | Tack så mycket! | Tack för hjälpen
sv goodbye: Hej då | Vi ses!
sv self: Vem är du? | Är du en robot?
tr greeting: Merhaba | İyi günler | Günaydın!
tr thanks: Teşekkürler | Teşekkür ederim | Çok teşekkür ederim!
tr goodbye: Güle güle | Görüşürüz
tr self: Sen kimsin? | Robot musun?
ru greeting: Здравствуйте | Привет! | Добрый день
ru thanks: Спасибо | Большое спасибо! | Спасибо за помощь
ru goodbye: До свидания
ru self: Кто ты? | Вы бот?
uk greeting: Привіт | Доброго дня!
uk thanks: Дякую | Дуже дякую!
uk goodbye: До побачення
uk self: Хто ти? | Ти бот?
ja greeting: こんにちは | はじめまして。
ja thanks: ありがとう | ありがとうございました！
ja goodbye: さようなら
ja self: あなたは誰ですか？ | ロボットですか
zh greeting: 你好 | 您好！
zh thanks: 谢谢 | 非常感谢！
zh goodbye: 再见
zh self: 你是谁？ | 你是机器人吗
th greeting: สวัสดี | สวัสดีครับ
th thanks: ขอบคุณ | ขอบคุณมากค่ะ
th self: คุณเป็นใคร
ko greeting: 안녕하세요 | 안녕하세요!
ko thanks: 감사합니다 | 정말 고마워요
ko goodbye: 안녕히 계세요
ko self: 누구세요? | 로봇인가요?
"""
IS_NOT = """
Hello world program | Hello, world | Hi-Fi | Hi-Fi systems | HiFi | Hi Fi | Danke-Karte | Dankeskarte bestellen
thank you page not found | Thank you card | thank-you page | Thanks, and how do I return it? | Thanks but it failed
Thanks, that did not work | Hi, where is my order?
Hello, do you ship to Norway? | ok but how | Okay, what about Spain?
OK button does nothing | great, and the price? | Is it great? | How great is the discount | Good morning delivery
Good evening menu | Goodbye policy | Bye-law | bye laws
Ciao Bella pizza | Ciao menu | Hey Siri integration | "Hello"
greeting cards | Hello Kitty | Hello Fresh voucher | Perfect fit guarantee | Perfect Day album | Nice hotels
flights to Nice | cool box | Cool Pack | Awesome Oscillator | Excellent Excel course | Who are you hiring?
Who are your suppliers? | Who are you working with? | Are you a member of the chamber? | Are you a bot provider?
Are you human resources? | What are you selling?
What can you do about a late parcel? | Is this a real person's photo?
How are you different from others? | How are you licensed? | What's up with my order | What's your name policy?
What is your name change fee? | are you open today | are you real estate agents
Am I talking to sales? | help | Help!
yes | no | Yes please | maybe | price | test | ? | ... | 42 | returns | I appreciate a refund | thanks giving hours
Thanksgiving | Tyson | TY Beanie | K2 skis | Vitamin K | ok.ru | Morning After | great circle distance | wow factor
Danke, und wie lange dauert das? | Danke, aber es geht nicht | Hallo, wo ist mein Paket? | Guten Morgen Tee
Guten Tag Versicherung | Servus TV Programm | Tag der offenen Tür | Wer bist du gewesen | Wer sind Sie beim TÜV?
Super Plus | Super Benzin Preis | Klasse B Führerschein | Prima Klima GmbH | Spitze des Turms | Toll Collect
Was können Sie empfehlen? | Was kannst du mir zum Preis sagen? | Alles klar mit der Lieferung? | Perfekt Bildung
Gracias, ¿y el precio? | Hola, ¿dónde está mi pedido? | Buenos Aires
Buenas prácticas | vale de regalo | Vale descuento
¿Qué puedes hacer con un reembolso? | Adiós a las armas | Merci, et le prix ? | Bonjour Paris visite | Merci chocolats
Salut les copains | C'est parfait pour qui ? | Top 10 | Bravo Charlie | Grazie, e il prezzo? | Ciao, dove siete?
Grande Punto | Salve, avete posti? | Obrigado, e o preço?
Oi Fibra | Legal advice | Bom dia alegria livro | Show room
Bedankt, en de prijs? | Dag en nacht | Dag van de arbeid | Fijn stof
Mooi weer | Tack, men hur? | Tack lift | Visst-appen
Hej, var är min order? | Dzięki, a cena? | Pa Amb | Jasne piwo | Dobrze, a kiedy? | Merhaba, siparişim nerede?
Tamam da nasıl? | Tamam butonu | Teşekkürler ama olmadı | Спасибо, а цена? | Привет, где мой заказ? | Класс энергии
Пока не работает | Хорошо, а когда? | Дякую, а ціна? | Привіт, де замовлення? | Добре, а коли? | Клас напруги
ありがとう、でも返品は？ | こんにちは、注文はどこですか | 最高気温
了解メールが来ない | 谢谢，那价格呢？ | 你好，我的订单在哪里
好的，什么时候 | 可以退货吗 | 行李 | 早餐几点
ขอบคุณ แล้วราคาล่ะ | สวัสดี ของอยู่ไหน | ตกลงราคาเท่าไหร่ | 감사합니다 가격은요?
안녕하세요 주문은 어디 있나요 | 바이크 | 굿즈 | thanks :( | 👎 | Hello 😡 refund | Hi, refund | 🙏 refund please
"""


def _parted(line: str) -> list[str]:
    return [one.strip() for one in line.split(" | ")]


SMALL = [
    (line.split()[0], line.split(":")[0].split()[1], message)
    for line in IS.strip().splitlines()
    for message in _parted(line.partition(":")[2])
]
LARGE = [message for line in IS_NOT.strip().splitlines() for message in _parted(line)]


def test_the_lists_are_long_enough_to_say_something() -> None:
    assert len(SMALL) >= 100
    assert len(LARGE) >= 150
    assert len(SMALL) + len(LARGE) >= 200


@pytest.mark.parametrize(("language", "kind", "message"), SMALL)
def test_small_talk_is_told_with_its_kind_in_its_language(language: str, kind: Kind, message: str) -> None:
    said = small_talk(message)

    assert said is not None
    assert said.kinds[language] == kind


@pytest.mark.parametrize("message", LARGE)
def test_what_has_a_matter_of_its_own_is_none(message: str) -> None:
    assert small_talk(message) is None


@pytest.mark.parametrize("message", ["👋", "👍🏽", "🙏", "❤️", "👍 👍"])
def test_pictures_alone_are_small_talk_in_any_language(message: str) -> None:
    said = small_talk(message)

    assert said is not None
    assert said.language("uk") == "uk"


def test_a_long_message_is_no_small_talk() -> None:
    assert small_talk("thanks " * 20) is None


def test_every_language_has_phrases_and_a_sentence_for_every_kind() -> None:
    assert PHRASES.keys() == SENTENCES.keys()
    for language, kinds in PHRASES.items():
        assert kinds.keys() - {"filler"} == SENTENCES[language].keys()
