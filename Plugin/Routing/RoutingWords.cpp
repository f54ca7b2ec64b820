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
              "head", "headneck", "brain", "brainstem", "skull", "*cereb*", "*crani*", "*enceph*", "neuro*", "pons",
              "*thalam*", "*midbrain*", "posterior fossa", "orbit*", "sella", "*pituitary*", "*hypophys*", "iac", "iam",
              // German, French, Spanish, Italian, Portuguese (accents are stripped before)
              "kopf*", "*schadel*", "*hirn*", "tete", "crane", "cerveau", "cabeza", "craneo", "*encefal*", "testa",
              "*cervello*", "cabeca", "cranio",
              // Russian, Chinese, Japanese, Korean
              "голов", "мозг", "череп", "头", "頭", "颅", "顱", "脑", "腦", "脳", "垂体", "머리", "뇌", "두부", "두개"};
    }

    std::vector<std::string> OtherBodyPartWords()
    {
      return {// Spine and neck
              "*spine*", "spinal", "*cervical*", "*thoracic*", "*lumbar*", "lumbo*", "*sacral*", "sacrum", "*vertebr*",
              "neck", "*wirbelsaule*", "hws", "bws", "lws", "hals", "rachis", "*lombaire*", "cou", "columna", "cuello",
              "*lombare*", "colonna", "collo", "coluna", "pescoco", "позвоночн", "脊", "椎", "颈部", "頸部", "척추",
              "경추", "요추",
              // Limbs and joints
              "knee*", "*knie*", "genou*", "rodilla", "ginocchio", "joelho", "shoulder", "*schulter*", "epaule",
              "hombro", "spalla", "ombro", "hip", "*hufte*", "hanche*", "cadera", "anca", "quadril", "ankle",
              "*sprunggelenk*", "cheville", "tobillo", "caviglia", "tornozelo", "wrist", "*handgelenk*", "poignet",
              "muneca", "polso", "punho", "elbow", "*ellenbogen*", "coude", "codo", "gomito", "cotovelo", "hand",
              "foot", "fuss", "pied", "leg", "arm", "thigh", "femur", "tibia", "calf", "*extremit*", "колен", "плеч",
              "膝", "肩", "髋", "股関節", "踝", "腕", "肘", "무릎", "어깨",
              // Trunk
              "*abdom*", "pelvi*", "becken", "bassin", "bacino", "*prostat*", "uter*", "liver", "leber", "foie",
              "higado", "fegato", "figado", "kidney*", "niere*", "pancrea*", "heart", "herz", "coeur", "cardiac",
              "corazon", "cuore", "coracao", "chest", "thorax", "torax", "breast", "*mamma*", "mama", "rectum",
              "rektum", "живот", "таза", "печен", "腹", "盆", "前列腺", "肝", "肾", "腎", "心脏", "心臓", "乳腺",
              "乳房", "복부", "골반"};
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
    words.otherBodyParts = OtherBodyPartWords();
    words.localizers = LocalizerWords();
    words.otherContrasts = OtherContrastWords();
    words.t2 = {"*t2*"};
    words.t1 = {"t1*", "mprage", "bravo", "spgr"};
    words.phantoms = PhantomWords();
    return words;
  }
}
