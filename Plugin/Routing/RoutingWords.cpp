// SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
// SPDX-License-Identifier: GPL-3.0-or-later

#include "Plugin/Routing/RoutingRules.h"

namespace H3K27M::Routing
{
  namespace
  {
    std::vector<std::string> HeadWords()
    {
      return {// English and what BodyPartExamined holds (PS3.16 annex L)
              "head", "headneck", "brain*", "skull", "*cereb*", "*crani*", "*enceph*", "pons", "*thalam*", "*midbrain*",
              "posterior fossa", "orbit*", "sella*", "*pituitary*", "*hypophys*", "iac", "iam", "internal auditory",
              "opticcanal", "optic canal", "latventricle", "lateral ventricle*", "3rdventricle", "third ventricle",
              "4thventricle", "fourth ventricle", "choroidplexus", "choroid plexus", "circleofwillis",
              "circle of willis", "basilara", "basilar artery",
              // German, French, Spanish, Italian, Portuguese (accents are stripped before, or written out)
              "kopf*", "*schadel*", "*schaedel*", "*hirn*", "tete", "crane", "cerveau", "cabeza", "craneo", "*encefal*",
              "testa", "*cervello*", "cabeca",
              // What BodyPartExamined holds elsewhere: Dutch, Nordic, Polish, Czech, Turkish
              "hoofd", "hersen*", "schedel*", "hjern*", "hjarn*", "caput", "glowa", "glowy", "mozg*", "hlava", "hlavy",
              "mozek", "beyin", "hode", "hodet", "hoved*", "huvud*", "skalle*", "aivo*", "koponya*",
              // Russian, Chinese, Japanese, Korean
              "голов", "мозг", "мозжеч", "череп", "头", "頭", "颅", "顱", "脑", "腦", "脳", "延髄", "延髓", "垂体",
              "머리", "뇌", "두부", "두개"};
    }

    std::vector<std::string> NeckWords()
    {
      return {"neck", "hals", "cou", "cuello", "collo", "pescoco", "颈部", "頸部", "頚部"};
    }

    // Taken out before a word for the head is looked for. The head of a bone, of the pancreas or of a muscle; organs of
    // the throat, whose Chinese and Japanese names end in "head"; the spinal cord and the marrow, which Russian calls
    // kinds of brain.
    std::vector<std::string> OtherHeadWords()
    {
      return {// English, and code meanings of AnatomicRegionSequence
              "femoral head*", "head of femur", "head of the femur", "humeral head*", "head of humerus",
              "head of the humerus", "radial head*", "head of radius", "head of the radius", "ulnar head",
              "head of ulna", "fibular head", "head of fibula", "head of the fibula", "metatarsal head*",
              "metacarpal head*", "mandibular head", "head of mandible", "head of the mandible", "pancreatic head",
              "head of pancreas", "head of the pancreas", "head of biceps", "long head of", "short head of",
              "caput femoris", "caput humeri", "caput radii",
              // German, French, Spanish, Italian, Portuguese
              "kopfgelenk*", "tete femorale", "tete du femur", "tete humerale", "tete de l humerus", "tete radiale",
              "tete du radius", "tete du pancreas", "tete pancreatique", "cabeza femoral", "cabeza del femur",
              "cabeza de femur", "cabeza humeral", "cabeza del humero", "cabeza radial", "cabeza del radio",
              "cabeza del pancreas", "cabeza de pancreas", "testa femorale", "testa del femore", "testa omerale",
              "testa dell omero", "testa radiale", "testa del radio", "testa del pancreas", "testa pancreatica",
              "cabeca femoral", "cabeca do femur", "cabeca umeral", "cabeca do umero", "cabeca radial",
              "cabeca do radio", "cabeca do pancreas", "cabeca pancreatica",
              // Russian: small heads (of bones), spinal cord, bone marrow, in their cases
              "головк", "спинной мозг", "спинного мозг", "спинному мозг", "спинном мозг", "спинным мозг", "спинномозг",
              "костный мозг", "костного мозг", "костному мозг", "костном мозг", "костным мозг", "костномозг",
              // Chinese, Japanese
              "骨头", "骨頭", "骨小头", "骨小頭", "胰头", "胰頭", "膵頭", "喉头", "喉頭", "咽头", "咽頭", "乳头",
              "乳頭", "龟头", "亀頭", "舌头", "指头", "趾头", "膝头", "膝頭", "肩头", "二头肌", "三头肌", "四头肌",
              "二頭筋", "三頭筋", "四頭筋", "二頭肌", "三頭肌", "四頭肌",
              // Korean
              "골두", "뼈머리", "췌장머리", "췌장 머리", "췌두", "췌장두", "췌장 두부", "비인두", "구인두", "하인두"};
    }

    // Taken out before any part is looked for: directions, coils, and the fluid around brain and cord.
    std::vector<std::string> NoBodyPartWords()
    {
      return {"craniocaudal*", "caudocranial*", "cranio caudal*", "caudo cranial*", "head first", "head to foot",
              "foot to head",  "head foot",     "foot head",      "head feet",      "feet head",  "head coil",
              "neck coil",     "spine coil",    "knee coil",      "kopf voran",     "kopfspule",  "cerebrospinal*",
              "脑脊液",        "腦脊液",        "脳脊髄液",       "뇌척수액"};
    }

    std::vector<std::string> AnyBodyPartWords()
    {
      return {"wholebody",
              "whole body",
              "entire body",
              "ganzkorper",
              "other",
              "others",
              "unknown",
              "undefined",
              "unspecified",
              "not specified",
              "none",
              "na",
              "n a",
              "nil",
              "null",
              "any",
              "all",
              "default",
              "misc*",
              "general",
              "anonym*",
              "deidentified",
              "removed",
              "xxx*",
              "neuro",
              "cns",
              "bodypart",
              "body part",
              "central nervous system",
              "mr",
              "mri",
              "unbekannt",
              "inconnu",
              "desconocido"};
    }

    std::vector<std::string> OtherBodyPartWords()
    {
      return {
        // Spine and neck, also as technologists abbreviate its parts: one staging covers brain and spine, and the whole
        // examination may be filed under the brain
        "cerv", "csp", "tsp", "lsp", "thorakal*", "torakal*", "lumb", "ctl", "hwk", "bwk", "lwk", "c2 c7", "c3 c7",
        "t1 t12", "th1 th12", "l1 l5", "l1 s1", "l3 s1", "selkaranka", "rygg*", "ryg", "kregoslup*", "gerinc*",
        "*spine*", "*spinal*", "*cervical*", "myelo*", "ruckenmark", "rueckenmark", "moelle", "medula", "midollo",
        "*thoracic*", "*lumbar*", "lumbo*", "*sacral*", "sacrum", "*vertebr*", "*wirbelsaule*", "hws", "bws", "lws",
        "rachis", "*lombaire*", "columna", "*lombare*", "colonna", "coluna", "позвоночн", "脊", "椎", "척추", "척수",
        "경추", "요추", "thyroid*", "parathyroid*", "parotid*", "larynx*", "*pharynx*", "tongue", "*mandib*", "maxilla",
        // Limbs and joints
        "knee*", "*knie*", "genou*", "rodilla", "ginocchio", "joelho", "shoulder", "*schulter*", "epaule", "hombro",
        "spalla", "ombro", "hip", "*hufte*", "hanche*", "cadera", "anca", "quadril", "ankle", "*sprunggelenk*",
        "cheville", "tobillo", "caviglia", "tornozelo", "wrist", "*handgelenk*", "poignet", "muneca", "polso", "punho",
        "elbow", "*ellenbogen*", "coude", "codo", "gomito", "cotovelo", "hand", "foot", "fuss", "pied", "leg", "arm",
        "thigh", "femur", "femoral", "tibia", "fibula", "calf", "humer*", "finger*", "thumb", "toe", "toes", "clavicle",
        "scapula", "brachial*", "*extremit*", "колен", "плеч", "膝", "肩", "髋", "股関節", "踝", "腕", "肘", "무릎",
        "어깨",
        // Trunk
        "*abdom*", "pelvi*", "becken", "bassin", "bacino", "*prostat*", "uter*", "liver", "leber", "foie", "higado",
        "fegato", "figado", "kidney*", "niere*", "pancrea*", "heart", "herz", "coeur", "cardiac", "corazon", "cuore",
        "coracao", "chest", "thorax", "torax", "breast", "*mamma*", "mama", "rectum", "rektum", "cervix", "*bladder",
        "ovar*", "lung*", "adrenal*", "testis", "scrotum", "penis", "vagina", "sternum", "живот", "таза", "печен", "腹",
        "盆", "前列腺", "肝", "肾", "腎", "心脏", "心臓", "乳腺", "乳房", "복부", "골반"};
    }

    std::vector<std::string> LocalizerWords()
    {
      return {"loc",        "localizer*", "*localiz*",   "*localis*",   "*locator*", "scout*",      "survey*",
              "*topogram*", "3 plane",    "3plane*",     "three plane", "pilot",     "*ubersicht*", "*reperage*",
              "*lokaliz*",  "*lokalis*",  "calibration", "定位",        "位置決め",  "ロケータ",    "ローカライザ",
              "위치",       "로컬라이저", "локализ",     "локалайз"};
    }

    std::vector<std::string> OtherContrastWords()
    {
      return {// Inversion
              "*flair*", "dark fluid", "*darkfluid*", "*tirm*", "stir", "dir", "psir", "水抑制", "压水", "壓水", "黑水",
              "フレア", "플레어", "флаер",
              // Diffusion
              "*dwi*", "adc", "eadc", "*diffus*", "*difus*", "diff", "*tracew*", "dti*", "*tensor*", "ep2d*", "弥散",
              "彌散", "扩散", "擴散", "拡散", "확산", "диффуз",
              // Perfusion and function
              "*perfus*", "perf", "asl", "*pcasl*", "*pasl*", "bold", "fmri", "灌注", "灌流", "관류", "перфуз",
              // Susceptibility and gradient echo
              "swi", "swan", "t2 star", "*t2star*", "gre", "hemo", "haemo", "磁敏感", "磁化率",
              // Vessels
              "mra", "mrv", "tof", "*angio*", "*venogra*", "血管", "혈관", "ангио",
              // Maps, spectra, differences, projections
              "t2 map*", "*t2map*", "relaxometry", "*spectro*", "*spektro*", "*espectro*", "mrs", "cest", "波谱",
              "波譜", "*subtrac*", "*subtrak*", "*soustract*", "*sustracc*", "*sottraz*", "减影", "減影",
              "サブトラクション", "mip", "minip"};
    }

    // What else "+C" and its like say is found by the sign: EnhancedT1Criteria.cpp.
    std::vector<std::string> ContrastAgentWords()
    {
      return {"ce",        "gd",         "*gado*",     "t1c",           "t1ce",
              "t1gd",      "t1post",     "post",       "postcontrast*", "postgd*",
              "postgad*",  "*enhanced*", "*contrast*", "*kontrast*",    "km",
              "mkm",       "mdc",        "injection",  "injecte*",      "inj",
              "dotarem",   "magnevist",  "prohance",   "omniscan",      "multihance",
              "clariscan", "контраст",   "增强",       "增強",          "强化",
              "造影",      "조영"};
    }

    std::vector<std::string> NoContrastAgentWords()
    {
      return {"pre", "precontrast*", "noncontrast*", "unenhanced", "plain", "native", "no", "non", "without", "w o",
              "wo",
              // German, French, Spanish, Italian, Portuguese
              "nativ", "ohne", "o km", "kein*", "vor km", "vor kontrast*", "vor gd", "vor gado*", "pra", "prae",
              "prakontrast*", "praekontrast*", "prekontrast*", "avant", "sans", "sin", "s c", "s contraste", "antes",
              "senza", "nativo", "nativa", "prima", "sem",
              // Russian, Chinese, Japanese, Korean
              "без", "до контраст", "до введен", "平扫", "平掃", "增强前", "增強前", "未增强", "未增強", "非增强",
              "非增強", "造影前", "非造影", "単純", "조영전", "조영 전", "비조영"};
    }

    // Sequences that the physics of a T1 lets through.
    std::vector<std::string> OtherThanEnhancedT1Words()
    {
      return {"pd",     "pdw",  "pd*",   "proton*", "fiesta*",   "ciss",   "trufi*",          "true fisp",
              "bffe",   "btfe", "b ffe", "b tfe",   "balanced*", "*ssfp*", "phase contrast*", "t1 map*",
              "t1map*", "sub",  "subs",  "ref",     "reference", "cal",    "asset*",          "b0 map*",
              "b1 map*"};
    }

    std::vector<std::string> PhantomWords()
    {
      return {"*phantom*",   "*fantom*",     "acr",        "qa",       "qc",     "water bottle", "*wasserflasche*",
              "test object", "*testobject*", "magphan",    "eurospin", "фантом", "体模",         "模体",
              "水模",        "體模",         "ファントム", "팬텀"};
    }
  }

  RoutingWords RoutingWords::Default()
  {
    RoutingWords words;
    words.head = HeadWords();
    words.neck = NeckWords();
    words.otherBodyParts = OtherBodyPartWords();
    words.otherHeads = OtherHeadWords();
    words.noBodyParts = NoBodyPartWords();
    words.anyBodyParts = AnyBodyPartWords();
    words.localizers = LocalizerWords();
    words.otherContrasts = OtherContrastWords();
    words.t2 = {"*t2*"};
    words.t1 = {"t1*", "mprage", "bravo", "spgr"};
    words.contrastAgent = ContrastAgentWords();
    words.noContrastAgent = NoContrastAgentWords();
    words.phantoms = PhantomWords();
    return words;
  }

  RoutingRules RoutingRules::DefaultOfEnhancedT1()
  {
    RoutingRules rules;
    rules.contrast = Contrast::CeT1w;
    rules.echoTimeMinimumMs = 0;
    rules.echoTimeMaximumMs = 25;          // T1 spin echoes end near 20 ms, T2 of the brain begins near 80 ms
    rules.repetitionTimeMinimumMs = 2;     // 3D gradient echoes
    rules.repetitionTimeMaximumMs = 3500;  // MP-RAGE and T1 FLAIR
    const std::vector<std::string> others = OtherThanEnhancedT1Words();
    rules.words.otherContrasts.insert(rules.words.otherContrasts.end(), others.begin(), others.end());
    rules.inversionTimeMinimumMs = 300;  // STIR lies near 150 to 220 ms, MP-RAGE and T1 FLAIR near 700 to 1100 ms
    return rules;
  }
}
