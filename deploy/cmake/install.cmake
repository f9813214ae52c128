# cmake --install and cpack: program, unit, rules, manual pages, completion, what a broker needs.
set(share ${CMAKE_INSTALL_DATADIR}/hjhub)
install(DIRECTORY rules/ DESTINATION ${share}/rules FILES_MATCHING PATTERN "*.yaml")
install(DIRECTORY schemas/ DESTINATION ${share}/schemas
        FILES_MATCHING PATTERN "asyncapi.yaml" PATTERN "*.json" PATTERN "*.cddl")
install(PROGRAMS deploy/mosquitto/make-acl deploy/mosquitto/make-broker deploy/mosquitto/make-demo-ca
        DESTINATION ${share}/mosquitto)
install(FILES deploy/mosquitto/hjhub.conf deploy/mosquitto/hjhub-tls.conf DESTINATION ${share}/mosquitto)
install(FILES deploy/systemd/mosquitto.service.d-hjhub.conf DESTINATION ${share}/mosquitto
        RENAME service-drop-in.conf)
install(FILES deploy/prometheus/hjhub.rules.yml DESTINATION ${share}/prometheus)
install(FILES deploy/grafana/hjhub.json DESTINATION ${share}/grafana)
install(FILES deploy/completion/hjhub DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES deploy/completion/hjhub.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
install(FILES deploy/completion/_hjhub DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES deploy/hjhub.yaml DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
install(FILES docs/consumer.py DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples OPTIONAL)
install(DIRECTORY tests/golden/registry-small/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/registry)
install(FILES deploy/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB pages CONFIGURE_DEPENDS docs/*.md)
install(FILES README.md README.zh-CN.md CHANGELOG.md ${pages} DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES docs/architecture.svg docs/live.svg DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
# The program looks for its configuration and journals there, whatever the prefix.
install(FILES deploy/redis/redis.conf DESTINATION /etc/hjhub)
install(DIRECTORY DESTINATION /var/lib/hjhub)

# What depends on the prefix or has to be packed is made when it is installed.
set(HJHUB_MADE ${CMAKE_BINARY_DIR}/made)
install(CODE "
    set(from \"${CMAKE_SOURCE_DIR}\")
    set(made \"${HJHUB_MADE}\")
    file(MAKE_DIRECTORY \"\${made}\")
    configure_file(\"\${from}/deploy/systemd/hjhub@.service.in\" \"\${made}/hjhub@.service\" @ONLY)
    file(GLOB pages \"\${from}/docs/man/*.[158]\")
    foreach(page IN LISTS pages)
        get_filename_component(name \"\${page}\" NAME)
        execute_process(COMMAND gzip -9nc \"\${page}\" OUTPUT_FILE \"\${made}/\${name}.gz\"
                        COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
    execute_process(COMMAND gzip -9nc \"\${from}/deploy/debian/changelog\"
                    OUTPUT_FILE \"\${made}/changelog.gz\" COMMAND_ERROR_IS_FATAL ANY)
")
install(FILES ${HJHUB_MADE}/hjhub@.service DESTINATION lib/systemd/system)
foreach(section 1 5 8)
    file(GLOB pages CONFIGURE_DEPENDS docs/man/*.${section})
    foreach(page IN LISTS pages)
        get_filename_component(name ${page} NAME)
        install(FILES ${HJHUB_MADE}/${name}.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
    endforeach()
endforeach()
install(FILES ${HJHUB_MADE}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_VENDOR hjhub)
set(CPACK_PACKAGE_CONTACT "hjhub authors <maintainers@hjhub.invalid>")
set(CPACK_STRIP_FILES ON)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Paho acknowledged before its callback up to 1.3.9; what was measured is 1.3.12.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, libpaho-mqtt1.3 (>= 1.3.12)")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "mosquitto, redis-server, librsvg2-bin, fonts-wqy-microhei")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "message hub of an ecology bureau: HJ 212 in, alarms out")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"Takes what monitors of enterprises publish over MQTT (flue gas, electricity
use of production and treatment, restaurant fume), checks each message against
the rules of HJ 212, notices when treatment is bypassed or switched off or the
monitor is cut, and keeps explained alarms in Redis and on MQTT. Everything
received and said stands in an append-only, hash-chained journal.")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
file(WRITE ${CMAKE_BINARY_DIR}/conffiles "/etc/hjhub/redis.conf\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_BINARY_DIR}/conffiles
    ${CMAKE_SOURCE_DIR}/deploy/debian/postinst ${CMAKE_SOURCE_DIR}/deploy/debian/prerm
    ${CMAKE_SOURCE_DIR}/deploy/debian/postrm)
include(CPack)
