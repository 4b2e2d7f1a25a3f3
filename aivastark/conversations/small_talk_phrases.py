"""Phrases of small talk by language: what visitors say to a bot that is no question about anything.

Lower case, no marks; `|` parts them. Those under `filler` may stand beside others and say nothing alone. What is also
an answer, a product or a wish ("yes", "help", "good") is not here: to search once too often costs less than to
chat where a question was asked.
"""

PHRASES: dict[str, dict[str, str]] = {
    "en": {
        "greeting": "hi|hello|hey|hiya|howdy|greetings|good morning|good afternoon|good evening|good day|hi there|"
        "hey there|hello there|morning|nice to meet you|how are you|how are you doing|how are you today|"
        "how is it going|how's it going|how do you do|what's up|whats up|how r u",
        "thanks": "thanks|thank you|thankyou|thank u|thx|ty|tysm|many thanks|thanks a lot|thanks a million|"
        "much appreciated|i appreciate it|appreciate it|cheers|thank you so much|thank you very much|"
        "thanks so much|thanks very much|that helped|that helps|that was helpful|very helpful|that's helpful|"
        "this helped|that's all|that is all|that's all i needed|that's what i needed|"
        "that's what i was looking for",
        "goodbye": "bye|bye bye|goodbye|good bye|see you|see ya|see you later|cya|farewell|good night|take care|"
        "have a nice day|have a good day|have a great day|have a good one|talk to you later|until next time",
        "praise": "great|great job|good job|good bot|nice bot|well done|awesome|amazing|excellent|perfect|"
        "fantastic|brilliant|wonderful|nice|very nice|nice work|great work|good work|you are great|you're great|"
        "you are awesome|you're awesome|you are amazing|you're amazing|you are the best|you're the best|you rock|"
        "i love you|love it|that's great|that is great|that's perfect|cool|wow|impressive|good answer|"
        "great answer|so good",
        "acknowledgement": "ok|okay|k|okey|alright|all right|got it|i see|understood|i understand|makes sense|"
        "sounds good|fair enough|noted|no worries|never mind|nevermind|all good|all clear",
        "self": "who are you|what are you|who am i talking to|who am i speaking to|who am i chatting with|"
        "who is this|what is your name|what's your name|are you a bot|are you a robot|are you an ai|are you ai|"
        "are you human|are you a human|are you a person|are you a real person|are you real|are you a machine|"
        "are you a chatbot|are you chatgpt|is this a bot|is this a chatbot|is this a robot|is this a real person|"
        "is this an ai|am i talking to a bot|am i talking to a human|am i talking to a real person|"
        "am i talking to a person|am i talking to a robot|am i talking to a machine|am i talking to an ai|"
        "am i chatting with a bot|am i speaking to a human|am i speaking to a real person|"
        "are you a bot or a human|are you human or bot|are you a human or a bot|are you a robot or a human|"
        "are you a person or a bot|what can you do|what do you do",
        "filler": "there|bot|again|all|everyone|everybody|team|friend|buddy|mate|sir|oh|well|and|so much|"
        "very much|a lot|a bunch|for your help|for the help|for your time|for that|for the info|"
        "for the information|for helping|for helping me|indeed|then|now|just|really|so|that's|very|you too|dear|"
        "assistant|today|for the answer|for your answer",
    },
    "de": {
        "greeting": "hallo|hi|hey|moin|moin moin|servus|grüezi|grüß gott|grüss gott|grüß dich|guten tag|"
        "guten morgen|guten abend|tag|morgen zusammen|hallöchen|wie geht's|wie geht es dir|wie geht es ihnen|"
        "wie gehts|wie geht's dir|mahlzeit|schönen guten tag|schönen guten morgen|schönen guten abend",
        "thanks": "danke|dankeschön|danke schön|danke sehr|vielen dank|besten dank|herzlichen dank|tausend dank|"
        "vielen lieben dank|ich danke dir|ich danke ihnen|merci|das hat geholfen|das hat mir geholfen|"
        "das war hilfreich|sehr hilfreich|das war alles|das wars|das war's|danke dir|danke ihnen|danke euch",
        "goodbye": "tschüss|tschüß|tschüs|auf wiedersehen|auf wiederschauen|bis bald|bis dann|bis später|ciao|"
        "gute nacht|schönen tag noch|einen schönen tag noch|schönen abend noch|einen schönen abend noch|"
        "schönes wochenende|mach's gut|machs gut|schönen tag",
        "praise": "super|toll|prima|klasse|spitze|perfekt|großartig|grossartig|ausgezeichnet|hervorragend|"
        "wunderbar|sehr gut|gut gemacht|gute arbeit|guter bot|du bist toll|du bist super|du bist der beste|"
        "das ist super|das ist toll|cool|gute antwort|sehr schön",
        "acknowledgement": "ok|okay|alles klar|verstanden|ich verstehe|ach so|achso|in ordnung|passt|schon gut|"
        "alles gut|verstehe|geht klar|kein problem|aha",
        "self": "wer bist du|wer sind sie|was bist du|was sind sie|wie heißt du|wie heisst du|wie heißen sie|"
        "bist du ein bot|bist du ein roboter|bist du eine ki|bist du ein mensch|bist du echt|"
        "bist du eine maschine|sind sie ein bot|sind sie ein roboter|sind sie ein mensch|sind sie eine ki|"
        "sind sie eine maschine|sind sie echt|bist du ein chatbot|sind sie ein chatbot|ist das ein bot|"
        "ist das ein chatbot|spreche ich mit einem menschen|spreche ich mit einem bot|rede ich mit einem bot|"
        "rede ich mit einem menschen|schreibe ich mit einem menschen|schreibe ich mit einem bot|"
        "mit wem spreche ich|mit wem schreibe ich|bist du ein mensch oder ein bot|bist du mensch oder maschine|"
        "was kannst du|was können sie",
        "filler": "bot|zusammen|noch mal|nochmal|und|auch|ihnen|dir|euch|sehr|wirklich|für die hilfe|"
        "für ihre hilfe|für deine hilfe|für die antwort|für die schnelle antwort|für die info|für die information|"
        "für die auskunft|dann|oh|na|ja|team|liebes team|an alle|leute|ebenfalls|gleichfalls",
    },
    "es": {
        "greeting": "hola|buenas|buenos días|buenos dias|buen día|buen dia|buenas tardes|buenas noches|qué tal|"
        "que tal|cómo estás|como estas|cómo está|cómo te va|saludos|muy buenas|hola qué tal",
        "thanks": "gracias|muchas gracias|mil gracias|muchísimas gracias|muchisimas gracias|te lo agradezco|"
        "se lo agradezco|eso es todo|me ha ayudado|me has ayudado mucho|muy amable|muy útil",
        "goodbye": "adiós|adios|hasta luego|hasta pronto|hasta mañana|hasta la vista|nos vemos|chao|chau|"
        "que tengas un buen día|que tenga un buen día|buena tarde",
        "praise": "genial|excelente|perfecto|estupendo|fantástico|fantastico|maravilloso|muy bien|buen trabajo|"
        "bien hecho|eres genial|eres el mejor|eres increíble|qué bien|increíble|guay",
        "acknowledgement": "ok|okey|vale|de acuerdo|entendido|entiendo|ya veo|está bien|esta bien|comprendo|listo|"
        "no pasa nada",
        "self": "quién eres|quien eres|quién es usted|quien es usted|qué eres|que eres|cómo te llamas|"
        "como te llamas|cuál es tu nombre|eres un bot|eres un robot|eres humano|eres una persona|"
        "eres una persona real|eres un humano|eres una ia|eres una máquina|es usted un bot|es usted un robot|"
        "es usted una persona|es usted humano|esto es un bot|estoy hablando con un bot|"
        "estoy hablando con una persona|hablo con un bot|hablo con una persona|con quién hablo|con quien hablo|"
        "estoy hablando con un robot|qué puedes hacer|que puedes hacer",
        "filler": "bot|de nuevo|otra vez|a todos|y|muy|por tu ayuda|por su ayuda|por la ayuda|por la información|"
        "por todo|de verdad|amigo|amiga|señor|señora|igualmente|pues|ah|por la respuesta",
    },
    "fr": {
        "greeting": "bonjour|bonsoir|salut|coucou|ça va|ca va|comment ça va|comment ca va|comment allez-vous|"
        "comment allez vous|comment vas-tu|comment vas tu|enchanté|bonjour à tous",
        "thanks": "merci|merci beaucoup|merci bien|mille mercis|un grand merci|je vous remercie|je te remercie|"
        "c'est tout|ça m'a aidé|cela m'a aidé|très utile|grand merci|merci infiniment",
        "goodbye": "au revoir|à bientôt|a bientot|à plus|à plus tard|à demain|adieu|bonne journée|bonne journee|"
        "bonne soirée|bonne nuit|bon week-end|bon weekend|à la prochaine",
        "praise": "super|génial|genial|excellent|parfait|c'est parfait|formidable|magnifique|bravo|très bien|"
        "tres bien|bon travail|bien joué|tu es génial|vous êtes génial|c'est super|c'est génial|impressionnant|"
        "top",
        "acknowledgement": "ok|d'accord|d accord|entendu|compris|j'ai compris|je comprends|je vois|ça marche|"
        "très bien noté|c'est noté",
        "self": "qui es-tu|qui es tu|qui êtes-vous|qui êtes vous|qui etes vous|tu es qui|vous êtes qui|t'es qui|"
        "comment tu t'appelles|comment vous appelez-vous|comment t'appelles-tu|quel est ton nom|"
        "quel est votre nom|es-tu un robot|es tu un robot|êtes-vous un robot|êtes vous un robot|"
        "etes vous un robot|tu es un robot|vous êtes un robot|es-tu un bot|êtes-vous un bot|tu es un bot|"
        "vous êtes un bot|es-tu humain|êtes-vous humain|tu es humain|êtes-vous une personne|vous êtes humain|"
        "êtes-vous une vraie personne|es-tu une vraie personne|est-ce un robot|c'est un robot|"
        "est-ce que je parle à un robot|est-ce que je parle à un humain|est-ce que vous êtes un robot|"
        "est-ce que tu es un robot|à qui je parle|à qui ai-je affaire|que peux-tu faire|que pouvez-vous faire|"
        "es-tu une ia|êtes-vous une ia|tu es une ia",
        "filler": "bot|à tous|à toutes|et|encore|pour votre aide|pour ton aide|pour l'aide|pour la réponse|"
        "pour votre réponse|pour tout|pour l'information|vraiment|monsieur|madame|à vous|à vous aussi|à toi|"
        "à toi aussi|alors|bien|ah|oh",
    },
    "it": {
        "greeting": "ciao|salve|buongiorno|buon giorno|buonasera|buona sera|buon pomeriggio|come stai|come sta|"
        "come va|piacere",
        "thanks": "grazie|grazie mille|molte grazie|tante grazie|grazie tante|ti ringrazio|la ringrazio|"
        "mille grazie|è tutto|molto utile|grazie infinite",
        "goodbye": "arrivederci|addio|a presto|a dopo|a domani|ci vediamo|buonanotte|buona notte|buona giornata|"
        "buona serata|alla prossima",
        "praise": "ottimo|perfetto|fantastico|eccellente|meraviglioso|bravo|bravissimo|molto bene|ottimo lavoro|"
        "bel lavoro|sei fantastico|sei il migliore|sei bravo|grande|benissimo",
        "acknowledgement": "ok|va bene|d'accordo|capito|ho capito|capisco|tutto chiaro|chiaro|ricevuto",
        "self": "chi sei|chi è lei|cosa sei|come ti chiami|come si chiama|qual è il tuo nome|sei un bot|"
        "sei un robot|sei umano|sei una persona|sei una persona reale|sei una macchina|sei reale|"
        "sei un essere umano|lei è un robot|lei è un bot|sei un'ia|sei una ia|sto parlando con un bot|"
        "sto parlando con un robot|sto parlando con una persona|parlo con un bot|parlo con una persona|"
        "con chi parlo|con chi sto parlando|cosa sai fare|cosa puoi fare",
        "filler": "bot|a tutti|di nuovo|ancora|e|per l'aiuto|per il tuo aiuto|per il suo aiuto|per la risposta|"
        "di tutto|di cuore|per le informazioni|davvero|amico|allora|ah|anche a te|anche a lei",
    },
    "pt": {
        "greeting": "olá|ola|oi|bom dia|boa tarde|boa noite|tudo bem|tudo bom|como vai|como está|como você está|"
        "e aí|opa|oi tudo bem|olá tudo bem",
        "thanks": "obrigado|obrigada|muito obrigado|muito obrigada|obrigadão|valeu|agradeço|agradecido|agradecida|"
        "é tudo|era isso|era só isso|ajudou muito|muito útil",
        "goodbye": "tchau|adeus|até logo|ate logo|até mais|até breve|até amanhã|até a próxima|tenha um bom dia|"
        "um bom dia",
        "praise": "ótimo|otimo|excelente|perfeito|fantástico|maravilhoso|muito bem|bom trabalho|incrível|parabéns|"
        "legal|você é demais|você é ótimo|és o melhor|você é incrível|show",
        "acknowledgement": "ok|está bem|tá bom|ta bom|entendi|entendido|certo|compreendo|de acordo|beleza|percebi",
        "self": "quem é você|quem e voce|quem és tu|quem és|o que é você|o que você é|qual é o seu nome|"
        "qual é o teu nome|qual o seu nome|como você se chama|você é um robô|você é um robo|você é um bot|"
        "você é humano|você é uma pessoa|você é uma pessoa real|é um robô|és um robô|és um bot|és humano|"
        "és uma pessoa|estou falando com um robô|estou falando com uma pessoa|estou a falar com um robô|"
        "com quem estou falando|com quem falo|você é uma ia|o que você pode fazer|o que você faz",
        "filler": "bot|a todos|pessoal|de novo|novamente|e|mesmo|pela ajuda|pela sua ajuda|pela resposta|"
        "pela informação|por tudo|amigo|então|ah|também|igualmente",
    },
    "nl": {
        "greeting": "hallo|hoi|hey|hé|goedemorgen|goedemiddag|goedenavond|goedendag|goeiemorgen|dag|hoe gaat het|"
        "hoe gaat het met je|hoe gaat het met u|hoe gaat ie|alles goed",
        "thanks": "dank je|dank u|dankje|dankjewel|dank je wel|dank u wel|dankuwel|bedankt|hartelijk dank|"
        "hartelijk bedankt|heel erg bedankt|veel dank|dat was alles|dat is alles|heel behulpzaam|erg bedankt|dank",
        "goodbye": "doei|doeg|tot ziens|tot later|tot straks|tot snel|tot morgen|dag hoor|goedenacht|fijne dag|"
        "fijne dag nog|een fijne dag|prettige dag|fijne avond|fijn weekend|welterusten",
        "praise": "geweldig|fantastisch|uitstekend|perfect|prachtig|heel goed|goed gedaan|goed zo|goed werk|top|"
        "super|je bent geweldig|je bent de beste|fijn|prima",
        "acknowledgement": "ok|oké|oke|okay|begrepen|ik snap het|snap ik|ik begrijp het|duidelijk|is goed|"
        "komt goed|akkoord",
        "self": "wie ben je|wie ben jij|wie bent u|wat ben je|wat ben jij|wat bent u|hoe heet je|hoe heet jij|"
        "hoe heet u|ben je een bot|ben jij een bot|bent u een bot|ben je een robot|ben jij een robot|"
        "bent u een robot|ben je een mens|ben jij een mens|bent u een mens|ben je echt|ben jij echt|ben je een ai|"
        "is dit een bot|is dit een robot|is dit een chatbot|praat ik met een bot|praat ik met een mens|"
        "praat ik met een robot|spreek ik met een mens|spreek ik met een bot|met wie praat ik|met wie spreek ik|"
        "wat kan je|wat kun je|wat kan jij",
        "filler": "bot|allemaal|iedereen|weer|nog|en|ook|voor je hulp|voor uw hulp|voor de hulp|voor het antwoord|"
        "voor de info|voor de informatie|hoor|echt|zeg|dan|erg|heel erg",
    },
    "pl": {
        "greeting": "cześć|czesc|dzień dobry|dzien dobry|dobry wieczór|dobry wieczor|witam|witaj|hej|hejka|siema|"
        "jak się masz|jak sie masz|co słychać|co slychac|dobry",
        "thanks": "dziękuję|dziekuje|dzięki|dzieki|dziękuję bardzo|bardzo dziękuję|serdecznie dziękuję|"
        "wielkie dzięki|to wszystko|bardzo pomocne|dziękuje|dziękujemy",
        "goodbye": "do widzenia|do zobaczenia|na razie|pa|pa pa|dobranoc|żegnam|miłego dnia|milego dnia|"
        "miłego wieczoru|do usłyszenia|trzymaj się",
        "praise": "świetnie|super|wspaniale|doskonale|fantastycznie|idealnie|bardzo dobrze|dobra robota|brawo|"
        "jesteś świetny|jesteś super|jesteś najlepszy|ekstra",
        "acknowledgement": "ok|okej|okay|rozumiem|zrozumiałem|zrozumiałam|w porządku|jasne|zgoda|dobrze",
        "self": "kim jesteś|kim jestes|kto ty jesteś|czym jesteś|kim pan jest|kim pani jest|jak masz na imię|"
        "jak się nazywasz|czy jesteś botem|czy jestes botem|jesteś botem|czy jesteś robotem|jesteś robotem|"
        "czy jesteś człowiekiem|jesteś człowiekiem|czy to bot|czy to jest bot|czy rozmawiam z botem|"
        "czy rozmawiam z człowiekiem|czy rozmawiam z robotem|z kim rozmawiam|co potrafisz|jesteś ai|czy jesteś ai|"
        "jesteś prawdziwy",
        "filler": "bot|bocie|wszystkim|ponownie|i|bardzo|za pomoc|za odpowiedź|za informację|za informacje|"
        "za wszystko|państwu|panu|pani|ci|no|to|serdecznie|wam|nawzajem",
    },
    "sv": {
        "greeting": "hej|hejsan|hallå|tjena|tja|god morgon|god dag|god kväll|godmorgon|goddag|god eftermiddag|"
        "hur mår du|hur är läget|läget|hur är det|hej hej",
        "thanks": "tack|tack så mycket|tack så jättemycket|tackar|stort tack|tusen tack|många tack|det var allt|"
        "det hjälpte|mycket hjälpsamt|tack tack",
        "goodbye": "hej då|hejdå|adjö|vi ses|vi hörs|ha det bra|ha det|god natt|godnatt|ha en bra dag|"
        "ha en fin dag|trevlig helg|på återseende",
        "praise": "bra jobbat|utmärkt|perfekt|fantastiskt|underbart|toppen|suveränt|jättebra|mycket bra|bra gjort|"
        "du är bäst|du är grym|härligt|super|kanon",
        "acknowledgement": "ok|okej|jag förstår|förstår|uppfattat|det är lugnt|då vet jag|jag fattar|visst",
        "self": "vem är du|vad är du|vad heter du|är du en bot|är du en robot|är du en människa|är du mänsklig|"
        "är du en ai|är du en chatbot|är du en riktig person|är du en riktig människa|är du en person|"
        "är det här en bot|är detta en bot|är du riktig|pratar jag med en bot|pratar jag med en människa|"
        "pratar jag med en robot|vem pratar jag med|vad kan du göra|vad kan du",
        "filler": "bot|på er|på dig|alla|igen|och|så mycket|för hjälpen|för svaret|för informationen|"
        "för all hjälp|verkligen|då|detsamma|mycket|du",
    },
    "tr": {
        "greeting": "merhaba|merhabalar|selam|selamlar|günaydın|gunaydin|iyi günler|iyi akşamlar|tünaydın|"
        "nasılsın|nasılsınız|naber|ne haber|selamun aleyküm|merhaba nasılsın",
        "thanks": "teşekkürler|tesekkurler|teşekkür ederim|tesekkur ederim|çok teşekkürler|çok teşekkür ederim|"
        "sağ ol|sağol|sağ olun|sağolun|eyvallah|hepsi bu|hepsi bu kadar|çok yardımcı oldunuz|yardımcı oldu",
        "goodbye": "güle güle|hoşça kal|hoşçakal|hoşça kalın|görüşürüz|görüşmek üzere|iyi geceler|kendine iyi bak|"
        "bay bay|allahaısmarladık",
        "praise": "harika|mükemmel|süper|çok iyi|aferin|bravo|muhteşem|çok güzel|harikasın|süpersin|tebrikler|"
        "sen harikasın|iyi iş",
        "acknowledgement": "tamam|peki|anladım|tamamdır|olur|anlaşıldı|ok",
        "self": "sen kimsin|kimsin|siz kimsiniz|kimsiniz|sen nesin|adın ne|adınız ne|bot musun|sen bot musun|"
        "robot musun|sen robot musun|sen bir robot musun|insan mısın|sen insan mısın|bir bot musun|"
        "sen bir bot musun|gerçek misin|bot musunuz|robot musunuz|insan mısınız|yapay zeka mısın|"
        "kiminle konuşuyorum|bir botla mı konuşuyorum|bir insanla mı konuşuyorum|gerçek bir insan mısın|"
        "ne yapabilirsin|neler yapabilirsin",
        "filler": "bot|herkese|tekrar|ve|çok|yardımın için|yardımınız için|yardımlarınız için|cevap için|"
        "bilgi için|her şey için|arkadaşlar|size de|sana da|gerçekten|o zaman",
    },
    "ru": {
        "greeting": "привет|здравствуйте|здравствуй|добрый день|доброе утро|добрый вечер|приветствую|хай|как дела|"
        "как вы|как ты|как поживаете|доброго времени суток|доброго дня",
        "thanks": "спасибо|большое спасибо|спасибо большое|огромное спасибо|спасибо огромное|благодарю|"
        "благодарю вас|спс|это всё|это все|на этом всё|очень помогли|спасибо вам|спасибо тебе|очень полезно",
        "goodbye": "пока|до свидания|до встречи|всего доброго|всего хорошего|прощайте|прощай|спокойной ночи|"
        "доброй ночи|хорошего дня|хорошего вечера|до завтра|пока-пока|пока пока|увидимся",
        "praise": "отлично|прекрасно|замечательно|супер|великолепно|круто|здорово|молодец|молодцы|идеально|"
        "очень хорошо|хорошая работа|ты лучший|вы лучшие|браво|класс|ты супер",
        "acknowledgement": "ок|окей|хорошо|понятно|понял|поняла|ясно|ладно|договорились|всё понятно|все понятно|ага",
        "self": "кто ты|ты кто|кто вы|вы кто|кто вы такой|кто ты такой|что ты такое|как тебя зовут|как вас зовут|"
        "ты бот|вы бот|ты робот|вы робот|ты человек|вы человек|ты ии|ты живой|ты настоящий|вы живой человек|"
        "ты живой человек|это бот|это робот|ты бот или человек|вы бот или человек|ты человек или бот|"
        "вы человек или бот|ты человек или робот|я говорю с ботом|я говорю с человеком|я разговариваю с ботом|"
        "я разговариваю с роботом|я разговариваю с человеком|с кем я говорю|с кем я разговариваю|"
        "я общаюсь с ботом|я общаюсь с человеком|что ты умеешь|что вы умеете",
        "filler": "бот|всем|вам|тебе|ещё раз|еще раз|и|очень|за помощь|за ответ|за информацию|за всё|за все|"
        "за вашу помощь|за быстрый ответ|друзья|ну|тогда|взаимно",
    },
    "uk": {
        "greeting": "привіт|вітаю|добрий день|доброго дня|добрий ранок|доброго ранку|добрий вечір|доброго вечора|"
        "здрастуйте|як справи|як ви|як ти|привітик",
        "thanks": "дякую|дуже дякую|щиро дякую|щиро вдячний|щиро вдячна|спасибі|красно дякую|велике дякую|"
        "дякую вам|це все|дякую тобі|дуже допомогли|дякуємо|дуже корисно",
        "goodbye": "бувай|до побачення|до зустрічі|на все добре|всього найкращого|прощавайте|на добраніч|добраніч|"
        "гарного дня|гарного вечора|до завтра|бувайте|побачимось",
        "praise": "чудово|відмінно|прекрасно|супер|круто|молодець|ідеально|дуже добре|гарна робота|ти найкращий|"
        "браво|клас|неймовірно|ви найкращі",
        "acknowledgement": "ок|окей|добре|зрозуміло|зрозумів|зрозуміла|ясно|гаразд|домовились|все зрозуміло|ага",
        "self": "хто ти|ти хто|хто ви|ви хто|хто ти такий|хто ви такий|що ти таке|як тебе звати|як вас звати|"
        "ти бот|ви бот|ти робот|ви робот|ти людина|ви людина|ти жива людина|ви жива людина|це бот|це робот|"
        "ти бот чи людина|ви бот чи людина|ти людина чи бот|ви людина чи бот|я говорю з ботом|я говорю з людиною|"
        "я розмовляю з ботом|я розмовляю з людиною|з ким я говорю|з ким я розмовляю|я спілкуюся з ботом|"
        "я спілкуюся з людиною|що ти вмієш|ти ші",
        "filler": "бот|всім|усім|вам|тобі|ще раз|і|та|дуже|за допомогу|за відповідь|за інформацію|за все|"
        "за вашу допомогу|друзі|ну|тоді|навзаєм",
    },
    "ja": {
        "greeting": "こんにちは|こんにちわ|こんばんは|おはよう|おはようございます|はじめまして|初めまして|やあ|"
        "どうも|お世話になります|お世話になっております|元気ですか|お元気ですか|もしもし|よろしくお願いします|"
        "よろしくお願いいたします|よろしく",
        "thanks": "ありがとう|ありがとうございます|ありがとうございました|有難う|有難うございます|感謝します|"
        "サンキュー|助かりました|助かります|どうもありがとう|どうもありがとうございます|"
        "どうもありがとうございました|以上です",
        "goodbye": "さようなら|さよなら|バイバイ|またね|じゃあね|ではまた|また明日|おやすみ|おやすみなさい|"
        "失礼します|失礼いたします|それではまた|良い一日を",
        "praise": "すごい|すごいですね|素晴らしい|素晴らしいです|最高|最高です|完璧|完璧です|いいね|いいですね|"
        "さすが|さすがですね|よくできました",
        "acknowledgement": "わかりました|分かりました|了解|了解です|了解しました|承知しました|なるほど|"
        "なるほどですね|オッケー|ok",
        "self": "あなたは誰|あなたは誰ですか|あなたはだれですか|誰ですか|どなたですか|君は誰|お名前は|"
        "名前は何ですか|あなたの名前は|あなたの名前は何ですか|ボットですか|ロボットですか|aiですか|人間ですか|"
        "あなたは人間ですか|あなたはロボットですか|あなたはボットですか|あなたはaiですか|人間ですかロボットですか|"
        "何ができますか|あなたは何ができますか|チャットボットですか|本物の人間ですか",
        "filler": "本当に|とても|ボットさん|みなさん|皆さん|ご回答|回答|お返事|ね|はい|大変|では|それでは",
    },
    "zh": {
        "greeting": "你好|您好|你好啊|您好啊|嗨|哈喽|哈囉|大家好|早上好|早安|上午好|下午好|晚上好|你好吗|您好吗|"
        "在吗|在嗎|你好嗎|早",
        "thanks": "谢谢|謝謝|谢谢你|謝謝你|谢谢您|謝謝您|多谢|多謝|非常感谢|非常感謝|感谢|感謝|谢了|谢谢啦|"
        "十分感谢|太感谢了|没有了|就这些|有帮助|很有帮助",
        "goodbye": "再见|再見|拜拜|再会|回头见|晚安|明天见|祝你愉快|祝您愉快|下次见",
        "praise": "太好了|很好|非常好|真棒|太棒了|好棒|完美|厉害|真厉害|太厉害了|不错|很不错|优秀|你真棒|你太棒了|"
        "你真好|好极了|赞",
        "acknowledgement": "好的|好|好吧|明白了|明白|知道了|了解|了解了|懂了|我明白了|我知道了|收到|行|可以|没事了|ok",
        "self": "你是谁|你是誰|您是谁|您是誰|你是什么|你叫什么|你叫什么名字|您叫什么名字|你是机器人吗|"
        "你是機器人嗎|您是机器人吗|你是人吗|你是真人吗|您是真人吗|你是人工智能吗|你是ai吗|你是机器人还是人|"
        "你是真人还是机器人|你是人还是机器人|我在跟机器人说话吗|我在和机器人聊天吗|我在跟谁说话|你能做什么|"
        "你会做什么|你是客服吗|你是人類嗎|你是人类吗",
        "filler": "非常|真的|大家|啊|呀|哦|了|吧|你的帮助|您的帮助|您的回答|你的回答|机器人",
    },
    "th": {
        "greeting": "สวัสดี|หวัดดี|สวัสดีตอนเช้า|อรุณสวัสดิ์|สบายดีไหม|เป็นยังไงบ้าง|ดีจ้า|ฮัลโหล|ยินดีที่ได้รู้จัก",
        "thanks": "ขอบคุณ|ขอบคุณมาก|ขอบคุณมากๆ|ขอบใจ|ขอบพระคุณ|ขอบพระคุณมาก|แต๊งกิ้ว|แค่นี้",
        "goodbye": "ลาก่อน|บาย|บ๊ายบาย|ไว้เจอกัน|เจอกันใหม่|แล้วพบกันใหม่|ราตรีสวัสดิ์|ฝันดี|ขอให้เป็นวันที่ดี",
        "praise": "เยี่ยม|เยี่ยมมาก|ยอดเยี่ยม|สุดยอด|เก่งมาก|ดีมาก|สมบูรณ์แบบ|เจ๋ง|เก่งจัง",
        "acknowledgement": "โอเค|ตกลง|เข้าใจแล้ว|รับทราบ|ได้เลย|เข้าใจ|ทราบแล้ว",
        "self": "คุณคือใคร|คุณเป็นใคร|เธอเป็นใคร|คุณชื่ออะไร|คุณเป็นบอทไหม|คุณเป็นบอทหรือเปล่า|"
        "คุณเป็นหุ่นยนต์หรือเปล่า|คุณเป็นหุ่นยนต์ไหม|คุณเป็นคนหรือเปล่า|คุณเป็นคนจริงหรือเปล่า|คุณเป็นคนไหม|"
        "เป็นบอทไหม|เป็นบอทหรือเปล่า|คุณเป็นคนหรือบอท|คุณทำอะไรได้บ้าง|คุยกับใครอยู่|คุณเป็นมนุษย์หรือเปล่า",
        "filler": "ครับ|ค่ะ|คะ|นะ|นะครับ|นะคะ|จ้า|จ้ะ|มาก|มากๆ|ทุกคน|อีกครั้ง|สำหรับความช่วยเหลือ|ที่ช่วยเหลือ|สำหรับคำตอบ|บอท",
    },
    "ko": {
        "greeting": "안녕|안녕하세요|안녕하십니까|반갑습니다|반가워요|반가워|하이|헬로|잘 지내세요|잘 지내|"
        "좋은 아침|좋은 아침이에요|처음 뵙겠습니다|여보세요",
        "thanks": "감사합니다|감사해요|고마워|고마워요|고맙습니다|정말 감사합니다|땡큐|도움이 됐어요|"
        "도움이 되었습니다|그게 다예요|도움이 많이 됐어요",
        "goodbye": "안녕히 계세요|안녕히 가세요|잘 있어|잘 가|잘 가요|바이|또 봐요|다음에 봐요|나중에 봐요|"
        "안녕히 주무세요|잘 자|좋은 하루 되세요|수고하세요",
        "praise": "최고|최고예요|최고에요|훌륭해요|훌륭합니다|대단해요|대단하네요|완벽해요|완벽합니다|멋져요|"
        "잘했어요|잘했어|좋네요|굿",
        "acknowledgement": "알겠습니다|알겠어요|알겠어|알았어|알았어요|네 알겠습니다|이해했어요|이해했습니다|"
        "오케이|확인했습니다|ok",
        "self": "누구세요|누구야|너는 누구야|넌 누구야|당신은 누구입니까|당신은 누구세요|이름이 뭐예요|"
        "이름이 뭐야|봇이에요|봇인가요|봇이야|로봇이에요|로봇인가요|로봇이야|사람이에요|사람인가요|사람이야|"
        "사람입니까|로봇입니까|봇입니까|당신은 사람인가요|당신은 로봇인가요|당신은 봇인가요|ai인가요|ai예요|"
        "진짜 사람이에요|진짜 사람인가요|챗봇인가요|챗봇이에요|뭘 할 수 있어|무엇을 할 수 있나요|"
        "사람인가요 로봇인가요",
        "filler": "정말|너무|진짜|여러분|네|많이|대단히|도와주셔서|답변|알려주셔서|봇|다시|또|모두",
    },
}
