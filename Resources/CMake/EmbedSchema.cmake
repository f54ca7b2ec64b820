# SPDX-FileCopyrightText: 2026 The Orthanc-H3K27M authors
# SPDX-License-Identifier: GPL-3.0-or-later

# h3k27m_embed_schema(OUTPUT): writes OUTPUT, a C++ source that defines GetSchemaScripts() of
# Plugin/WorkState/SchemaScripts.h from Resources/Database/*/NNNN-{up,down}.sql. Versions must be 1, 2, 3, ...
# without a hole, the same in both dialects.
function(h3k27m_embed_schema OUTPUT)
  set(BODY "")
  foreach (DIALECT sqlite postgresql)
    set(FOLDER "${CMAKE_SOURCE_DIR}/Resources/Database/${DIALECT}")
    file(GLOB SCRIPTS CONFIGURE_DEPENDS RELATIVE "${FOLDER}" "${FOLDER}/*-up.sql")
    list(SORT SCRIPTS)
    set(VERSION 0)
    set(ENTRIES "")
    foreach (SCRIPT IN LISTS SCRIPTS)
      math(EXPR VERSION "${VERSION} + 1")
      string(REGEX REPLACE "-up\\.sql$" "" NUMBER "${SCRIPT}")
      math(EXPR EXPECTED "10000 + ${VERSION}")
      if (NOT "1${NUMBER}" STREQUAL "${EXPECTED}" OR NOT EXISTS "${FOLDER}/${NUMBER}-down.sql")
        message(FATAL_ERROR "${FOLDER}: ${SCRIPT} is not followed in order or has no ${NUMBER}-down.sql")
      endif ()
      file(READ "${FOLDER}/${NUMBER}-up.sql" UP)
      file(READ "${FOLDER}/${NUMBER}-down.sql" DOWN)
      set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
        "${FOLDER}/${NUMBER}-up.sql" "${FOLDER}/${NUMBER}-down.sql")
      string(APPEND ENTRIES "      { ${VERSION}, R\"~sql~(${UP})~sql~\", R\"~sql~(${DOWN})~sql~\" },\n")
    endforeach ()
    set(COUNT_${DIALECT} ${VERSION})
    string(APPEND BODY "    constexpr SchemaScript ${DIALECT}Scripts[] = {\n${ENTRIES}    };\n\n")
  endforeach ()

  if (NOT COUNT_sqlite EQUAL COUNT_postgresql)
    message(FATAL_ERROR "Resources/Database: ${COUNT_sqlite} versions for SQLite, ${COUNT_postgresql} for PostgreSQL")
  endif ()

  file(CONFIGURE OUTPUT "${OUTPUT}" @ONLY CONTENT
"// Made by Resources/CMake/EmbedSchema.cmake from Resources/Database; do not edit.

#include \"Plugin/WorkState/SchemaScripts.h\"

namespace H3K27M::WorkState
{
  namespace
  {
@BODY@  }

  std::span<const SchemaScript> GetSchemaScripts(Dialect dialect) noexcept
  {
    return dialect == Dialect::Sqlite ? std::span<const SchemaScript>(sqliteScripts)
                                      : std::span<const SchemaScript>(postgresqlScripts);
  }
}
")
endfunction()
