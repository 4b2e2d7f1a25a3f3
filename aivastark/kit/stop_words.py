# ruff: noqa: E501
"""Function words by language, written for this project: the words a question is made of but never about.

They are dropped from questions (unless nothing else is left) and tell languages apart in `languages.py`.
Lists are short on purpose: a content word on such a list cannot be searched for.
"""

_LISTS: dict[str, str] = {
    "en": """a about after again all also am an and any are aren't as at be because been before being below between
        both but by can can't could did didn't do does doesn't doing don't down during each few for from further get
        had has have having he her here hers him his how i i'm i've if in into is isn't it its just may me might more
        most must my no nor not of off on once only or other our ours out over own please same shall she should so
        some such than that that's the their theirs them then there these they this those through to too under until
        up upon us very was we were what when where which while who whom whose why will with within without won't
        would you your yours""",
    "de": """ab aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei beim bin bis
        bitte bist da damit dann das dass dein deine dem den denn der des die dies diese diesem diesen dieser dieses
        doch dort du durch ein eine einem einen einer eines er es etwas euch für gegen hat hatte hatten habe haben
        hier ich ihm ihn ihnen ihr ihre ihrem ihren ihrer im in ins ist jede jedem jeden jeder jedes kann können
        könnte man mehr mein meine meinem meinen meiner mich mir mit muss nach nicht noch nun nur ob oder ohne sehr
        sein seine seinem seinen seiner seit sich sie sind so soll sollte sondern über um und uns unser unsere unter
        viel vom von vor wann war waren warum was welche welchem welchen welcher welches wem wen wenn wer werden wie
        wieso will wir wird wo wofür worden wurde wurden zu zum zur zwischen""",
    "es": """a al algo algún alguna algunas algunos ante antes aquel aquella así aunque bajo cada casi como cómo con
        contra cuál cuáles cual cuales cualquier cuándo cuando cuánto cuánta cuántos cuántas cuanto de del desde donde
        dónde dos durante e el él ella ellas ellos en entre era eran es esa esas ese eso esos esta está están estar
        estas este esto estos fue fueron ha había habían han hasta hay he la las le les lo los más me mi mis mientras
        muy ni no nos nosotros nuestra nuestro o os otra otro otros para pero poco por porque puede pueden puedo qué
        que quién quiénes quien quienes se según ser será si sí sido sin sobre son soy su sus también tan tanto te
        tiene tienen tu tus u un una unas uno unos usted ustedes y ya yo""",
    "fr": """à afin ai ainsi alors après as au aucun aucune aussi autre autres aux avait avant avec avez avoir avons
        c ça car ce ceci cela celle celles celui ces cet cette ceux chaque chez combien comme comment d dans de depuis
        des dès donc dont du elle elles en encore entre es est et étaient était été être eu eux fait faut font il ils
        j je jusqu l la là le lequel les leur leurs lors lui m ma mais me même mes moi moins mon n ne ni non nos notre
        nous on ont ou où par parce pas pendant peu peut peuvent peux plus pour pourquoi qu quand que quel quelle
        quelles quels qui quoi s sa sans se sera ses si soit son sont sous suis sur t ta te tes toi ton tous tout
        toute toutes tu un une vers vos votre vous y""",
    "it": """a ad agli ai al alla alle allo anche ancora avere aveva avevano che chi ci come con contro cosa così cui
        da dagli dai dal dalla dalle dallo dei degli del dell della delle dello di dopo dov dove due e è ed era erano
        essere fa fino fra fu furono gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mentre mi mia
        mie miei mio molto ne negli nei nel nell nella nelle nello noi non nostra nostro o ogni oppure per perché
        però più poi possono posso prima può qual quale quali quando quanta quante quanti quanto quella quelle quelli
        quello questa queste questi questo qui se sei senza si sia sono sopra sotto su sua sue sugli sui sul sulla
        sulle suo suoi tra tu tua tuo tutti tutto un una uno vi voi""",
    "pt": """a à ao aos aquela aquele aquilo as às até através cada com como contra da das de dela dele deles depois
        do dos durante e é ela elas ele eles em entre era eram essa essas esse esses está estão estar esta estas este
        estes eu foi foram há isso isto já la lhe mais mas me mesmo meu meus minha minhas muito na não nas nem no nos
        nós nossa nosso num numa o onde os ou outra outro outros para pela pelas pelo pelos pode podem por porque
        porquê posso pouco qual quais quando quanta quantas quanto quantos quê que quem são se seja sem ser será seu
        seus si sido sob sobre sua suas também te tem têm tendo ter teu tinha tu tua tudo um uma umas uns você vocês""",
    "nl": """aan al alle alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een en er
        ge geen gewoon haar had hadden heb hebben heeft hem het hier hij hoe hoeveel hun iemand iets ik in is ja je
        jij jouw kan kon kunnen maar me meer mijn moet moeten na naar niet niets nog nu of om omdat onder ons onze ook
        op over reeds te tegen ten toch toe toen tot u uit uw van veel voor waar waarom wanneer want waren was wat
        welk welke werd werden wie wij wil worden wordt zal ze zich zij zijn zo zonder zou zouden""",
    "sv": """alla allt är att av blev bli blir än då de dem den denna deras dess dessa det detta dig din dina ditt du
        efter ej eller en er ett för från fick får göra gör ha hade han hans har henne hennes hon honom hur i icke in
        inom inte jag kan ni kunde man med mellan men mig min mina mitt mot mycket när nå någon något några nu och om
        oss på sådan så sig sin sina sitt ska skulle som till under upp ut utan vad vår våra vart var varför vem vi
        vid vilka vilken vilket""",
    "da": """af al alle at blev blive bliver da de dem den denne der deres det dette dig din disse dog du efter eller
        en end er et for fra få får gør ham han hans har havde hende hendes her hos hun hvad hvilke hvilken hvilket
        hvem hver hvis hvor hvordan hvorfor hvornår i ikke ind jeg jer jo kan kunne man mange med meget mellem men mig
        min mine mit må ned noget nogle nu når og også om op os over på sig sin sine skal skulle som sådan til ud
        under var vi vil ville vor være været""",
    "no": """alle at av bare ble bli blir da de dem den denne dere deres det dette din disse du eg ein eit eller en
        enn er et etter for fordi fra få får før gjør ha hadde han hans har hennes henne her hun hva hvem hver hvilke
        hvilken hvis hvor hvordan hvorfor i ikke inn ja jeg kan kunne man mange med meg mellom men min mine mitt mot
        må ned noe noen nå når og også om opp oss over på seg selv sin sine sitt skal skulle slik som så til ut uten
        var ved vi vil ville vår være vært å""",
    "fi": """ei eivät että en he hän häntä hänen ja jo jos joka jonka jossa jotka jotta jälkeen kanssa ketä koska
        kuinka kuin kuka kun me mihin mikä miksi milloin millä minkä minun minä missä mistä mitä mitkä mukaan mutta
        myös ne niiden niin nyt näiden nämä ole oli olivat olla olen on ovat saa sekä sen se siinä sillä sinä sitä
        tai tämä tämän tässä tätä vai vaan vain voi voiko voin voivat""",
    "ru": """а без был была были было быть в вам вас ваш весь во вот все всего всех вы где да даже для до его ее её ей
        ему если есть ещё еще же за и из изо или им ими их к как какая какие какой какую когда который которая которые
        которое которого которой которых кто ли либо мне может можно мой моя на над надо нам нас наш не него нее ней
        нет ни ним них но о об он она они оно от очень по под после почему при про с сам сколько со так также такой
        там те тем то того тоже той только том ты у уже чего чем через что чтобы чья чьё чьи эта эти это этого этой
        этом этот этих я""",
    "uk": """а або але б без був була були було бути в ви від він вона вони воно все всі де для до є за зі з і й її їх
        його із як яка які який яких яку якщо коли кого ким кому куди ли мене ми мій мої може можна на над нам нас наш
        не нею ні них ним ніж о об по під після при про скільки та так також те теж ти тим тільки то того той тут у
        хто це цей ці цього цих цієї чи чим чого чому ще що щоб я""",
    "bg": """а ако без беше би бил била били было в вас ваш ви все във да до докато за защо и из или им има как каква
        какво какви като кога което които който коя колко къде към ли ме между ми мога може му на над най не него ни
        но о обаче от по под при с са само се си след със съм така там то това този тази тези у че ще я""",
    "pl": """a aby albo ale ani aż bardzo bez bo by był była było były być ci co czego czy czym dla dlaczego do gdy gdzie
        go i ich ile im innych ja jak jaka jaki jakie jakim jako je jego jej jest jestem jeszcze już jeśli każdy kiedy
        kto która które którego której który których którym którzy ku lub ma mam mają mi mnie moje mogę może można
        mój na nad nam nas nasz nie nich nim niż o od on ona one oni oraz po pod ponieważ przed przez przy są się
        sobie swoje ta tak także tam te tego tej ten to tu tych tylko tym u w we wszystko z za ze że""",
    "cs": """a aby ale ani až bez bude by byl byla byli bylo být co či do ho i já jak jaká jaké jaký jako je jeho její
        jejich jen jestli ještě ji jich jim jsem jsou jste již k kam kde kdo kdy kdyby když ke kolik která které
        který kteří ku ma má mají mezi mi mít mně může mohu můj na nad nám nás náš ne nebo není než nic o od on ona
        oni ono pak po pod podle pokud pouze pro proč proto před přes při s se si svůj ta tak také takže tam te ten
        tento tím to tohle toho tom tu ty u už v ve více však všechny z za ze že""",
    "ro": """a acest această aceste acestea acestui ai al ale am ar are aș asta au avea ca când care ce cea cei cele cel
        chiar cine cu cum cât câte câți da dacă dar de decât despre din după e ea ei el ele era este eu face fără fi
        fie fiind fost în între îi își la le lor lui mai mea mei meu mi nici noi nu o ori pe pentru peste pot poate
        prin sa sale sau să se și sub sunt sunteți te tu un una unde unei unor unui va voi vor""",
    "hu": """a abban ahhoz aki akik ami amely amelyek amelyet amikor ami az azok azt azzal be csak de e egy egyes el én
        és ez ezek ezen ezért ezt fel ha hanem hány hogy hogyan hol honnan hova hozzá igen ill is itt ki kell kellett
        között lehet lenne lesz ma már már még meg melyik melyek mert mi mikor mint mit miért milyen mennyi mennyit
        minden nagyon nekem nem nincs ő olyan ők össze s sem semmi se szerint tehát te ti több tud tudom utána után
        vagy van vannak volt voltak által át és""",
    "tr": """acaba ama ancak aslında az bana bazı belki ben benim beri bile bir biri birkaç biz bize bizim bu buna bunda
        bundan bunlar bunu bunun burada çok çünkü da daha de defa değil diye en gibi göre hangi hangisi hem hep hepsi
        her hiç için ile ilgili ise itibaren kaç kadar kendi ki kim kime kimi kimin mı mi mu mü nasıl ne neden nedir
        nerede nereye nereden niçin niye o olan olarak oldu olduğu olup onlar onu onun oysa öyle sadece sen şey siz
        size sizin şu şunu tüm tarafından ve veya ya yani yoksa zaman""",
    "id": """ada adalah agar akan aku anda antara apa apakah atau bagaimana bagi bahwa banyak bagian belum berapa bisa
        dalam dan dapat dari dengan di dia hanya harus ia ini itu jika juga kami kapan karena ke kepada kita lain lebih
        maka masih mana mengapa mereka namun oleh pada para pun saat sangat saya sebagai sebuah sedang seperti siapa
        sudah tapi telah tentang terhadap tersebut tetapi tidak untuk yaitu yang""",
    "ca": """a al als amb aquest aquesta aquests això com de del dels des és el els en entre era es esta està ha han hi
        i la les li lo més meu molt no o on per però perquè pot què qual quan quant qui quin quina quins se sense seu
        seva si sobre són també te té un una uns va van""",
    "el": """αλλά αν από αυτά αυτές αυτή αυτό αυτοί αυτός αυτού για δεν εάν είναι είχε εκεί ένα ένας έναν ενώ επίσης
        έχει έχουν ή η ήταν θα και κατά κάθε με μετά μη μην μια μία μου μπορεί μπορώ να ο οι όμως όπου όπως όταν ότι
        όχι πόσα πόσο ποια ποιες ποιο ποιοι ποιος πότε που πού προς πριν πως πώς σας σε στα στη στην στις στο στον
        στους τα τη την της τι τις το τον του τους των ως""",
    "ar": """أم أن أنا أنت أو أي إذا إلا إلى إن التي الذي الذين بعد بل بين تحت تلك ثم حتى حول خلال ذلك عن عند على غير
        في فيه فيها قبل قد كان كانت كل كم كما كيف لا لدى لكن لم لماذا لن له لها ليس ما ماذا متى مع من منذ منه منها نحن
        هؤلاء هذا هذه هل هم هنا هناك هو هي و وقد وكان ولا وهو وهي يا يمكن يكون""",
    "fa": """از است اگر آن آنها این اینکه با باید بر برای بود بودند به بین تا تر چرا چه چگونه چند چیست خود در دارد دارند
        را روی شد شده شود کجا کدام کرد کرده کند که کنند کنم کی ما من می نیز نیست ها های هر هم همه هیچ و ولی یا یک""",
    "hi": """अपना अपनी अपने अब आप इन इस इसका इसकी इसके इसमें उन उनके उस उसका उसकी उसके एक और कब कर करता करते करना करने
        का कि कितना कितने कितनी किस किसने किसी की कुछ के को कोई कौन कौनसा क्या क्यों क्योंकि कहाँ कैसे गया जब जा जाता जाती
        जो तक तब तो था थी थे द्वारा न नहीं ने पर भी में मैं यदि यह यहाँ या ये रहा रहे लिए वह वे सकता सकते साथ से हम हर
        ही हुआ हुई हुए है हैं हो होता होती होते होने""",
    "he": """אבל או אולי איך אין איפה אם אני אנחנו את אתה אתם בין גם היא היה היו הוא הם זאת זה זו יותר יש כי כל כמה כמו
        כן לא לאן למה לפי מאוד מה מדוע מי מן מתי על עם של שלו שלה שלי תחת""",
    "vi": """bạn bao bị bởi các cách cái cần chỉ cho chúng có của cùng cũng đã đang đâu để đến đó được gì hay hoặc khi
        không là làm lại lên mà mình một nào này nên nếu như nhưng những nhiều ở ra rất sao sẽ tại thế thì theo tôi
        trên trong từ và vào vẫn về với vì""",
}  # fmt: skip

STOP_WORDS: dict[str, frozenset[str]] = {language: frozenset(words.split()) for language, words in _LISTS.items()}
"""ISO 639-1 → lower-case words with their accents, before stemming."""
